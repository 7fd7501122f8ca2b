"use strict";
// Curves of one metric in one chart, by uPlot: fetched when the chart comes into view.
(() => {
  const HUES = [212, 25, 140, 0, 275, 50, 180, 320, 95, 240];
  const HEIGHT = 260;
  const pending = [];

  function colour(at) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const turn = Math.floor(at / HUES.length);
    const light = dark ? 68 - 12 * (turn % 3) : 38 + 12 * (turn % 3);
    return `hsl(${HUES[at % HUES.length]} 75% ${light}%)`;
  }

  function css(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function same(one, other) {
    return one === other || one.length === other.length && one.every((step, at) => step === other[at]);
  }

  // An exponential mean that is not drawn towards its first value. What is null is a gap, and where
  // only other curves have a step it is undefined; neither counts.
  function smoothed(values, weight) {
    let mean = 0, norm = 0;
    return values.map((value) => {
      if (value === null || value === undefined) return value;
      mean = mean * weight + value * (1 - weight);
      norm = norm * weight + (1 - weight);
      return mean / norm;
    });
  }

  function aligned(curves) {
    if (curves.every((one) => same(one.steps, curves[0].steps))) {
      return [curves[0].steps, ...curves.map((one) => one.values)];
    }
    return uPlot.join(curves.map((one) => [one.steps, one.values]));
  }

  function columns(curves, how) {
    const [steps, ...values] = aligned(curves);
    const changed = values.map((some) => {
      const soft = how.smooth > 0 ? smoothed(some, how.smooth) : some;
      return how.log ? soft.map((value) => (value > 0 || value === undefined ? value : null)) : soft;
    });
    return [steps, ...changed];
  }

  // The places of values between gaps, which no line shows.
  function alone(chart, number, show) {
    if (show) return null;
    const found = [];
    let last = null, length = 0;
    const end = () => { if (length === 1) found.push(last); length = 0; };
    chart.data[number].forEach((value, at) => {
      if (value === null) end();
      else if (value !== undefined) { last = at; length += 1; }
    });
    end();
    return found;
  }

  function label(one) {
    return one.logged ? `${one.name} (${one.values.length.toLocaleString("en")} of ${one.logged.toLocaleString("en")} points)` : one.name;
  }

  function options(curves, how, width) {
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
    const lone = Math.max(...curves.map((one) => one.steps.length)) < 2;
    return {
      width, height: HEIGHT,
      scales: { x: { time: false }, y: { distr: how.log ? 3 : 1 } },
      axes: [axis, { ...axis, size: 64 }],
      legend: { live: curves.length < 12 },
      series: [
        { label: "step" },
        ...curves.map((one, at) => ({ label: label(one), stroke: colour(at), width: 1.5, points: { show: lone, filter: alone } })),
      ],
    };
  }

  function draw(figure, anew = true) {
    const place = figure.querySelector(".plot");
    const curves = figure.curves;
    if (!curves) return;
    const how = settings(figure);
    if (figure.chart && !anew && figure.chart.series.length === curves.length + 1) {
      figure.chart.setData(columns(curves, how)); // of a run under way
      return;
    }
    figure.chart?.destroy();
    if (!curves.length) { place.textContent = "No values."; return; }
    figure.chart = new uPlot(options(curves, how, place.clientWidth || 400), columns(curves, how), place);
    figure.dataset.drawn = curves.length;
  }

  function settings(figure) {
    const form = figure.closest(".curves")?.querySelector(".curve-options");
    return { log: form?.elements.log.checked ?? false, smooth: Number(form?.elements.smooth.value ?? 0) };
  }

  async function load(figure, again = false) {
    if (figure.curves && !again) return;
    const inside = figure.querySelector("script[type='application/json']");
    try {
      figure.curves = inside ? JSON.parse(inside.textContent) : await (await fetch(figure.dataset.source)).json();
    } catch {
      figure.querySelector(".plot").textContent = "The curves could not be loaded.";
      return;
    }
    for (const one of figure.curves) {
      if (typeof one.steps === "number") one.steps = figure.curves[one.steps].steps;
    }
    draw(figure, !again);
  }

  function begin(root) {
    const figures = [...root.querySelectorAll("figure.chart")];
    if (!figures.length) return;
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) { seen.unobserve(entry.target); pending.push(load(entry.target)); }
      }
    }, { rootMargin: "100px" });
    const sized = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const chart = entry.target.parentElement.chart;
        const width = entry.target.clientWidth;
        if (chart && width && width !== chart.width) chart.setSize({ width, height: HEIGHT });
      }
    });
    for (const figure of figures) { seen.observe(figure); sized.observe(figure.querySelector(".plot")); }
    for (const form of root.querySelectorAll(".curve-options")) {
      form.addEventListener("input", () => {
        const how = settings(form);
        form.querySelector("output").textContent = how.smooth > 0 ? `smoothed by an exponential mean of ${how.smooth}` : "";
        for (const figure of form.closest(".curves").querySelectorAll("figure.chart")) draw(figure);
      });
      form.addEventListener("submit", (event) => event.preventDefault());
    }
  }

  function again() {
    for (const figure of document.querySelectorAll("figure.chart[data-drawn]")) load(figure, true);
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const figure of document.querySelectorAll("figure.chart")) draw(figure);
  });
  window.gitexp = { ...window.gitexp, curves: begin, again, drawn: () => Promise.allSettled(pending) };
  begin(document);
})();

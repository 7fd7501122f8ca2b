"use strict";
// Parallel coordinates on a canvas: an axis for each column, a line for each run.
(() => {
  const TOP = 46, BOTTOM = 24, SIDE = 60, NEAR = 12;

  function css(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function text(value, digits = 4) {
    if (typeof value !== "number") return String(value);
    return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(digits)));
  }

  // The ends of an axis as texts that differ, for the ends do.
  function ends(low, high) {
    let digits = 4;
    while (digits < 17 && text(low, digits) === text(high, digits)) digits += 1;
    return [low, high].map((value) => ({ value, text: text(value, digits) }));
  }

  // Says where on an axis a value lies, from 0 at the foot to 1.
  function axis(values) {
    const there = values.filter((value) => value !== null);
    if (!there.length) return { at: () => 0, marks: [], log: false };
    if (there.every((value) => typeof value === "number")) {
      const low = Math.min(...there), high = Math.max(...there);
      const log = low > 0 && high / low > 1000;
      const put = log ? Math.log10 : (value) => value;
      const span = put(high) - put(low) || 1;
      return { at: (value) => (put(value) - put(low)) / span, marks: low === high ? ends(low, high).slice(1) : ends(low, high), log };
    }
    const words = [...new Set(there.map(text))].sort();
    const span = Math.max(1, words.length - 1);
    const shown = words.length > 12 ? [words[0], words.at(-1)] : words;
    return { at: (value) => words.indexOf(text(value)) / span, marks: shown.map((value) => ({ value, text: value })), log: false };
  }

  function begin(root) {
    for (const canvas of root.querySelectorAll("canvas.parallel")) set(canvas);
  }

  function set(canvas) {
    const section = canvas.closest("main") ?? document;
    const data = JSON.parse(section.querySelector(".parallel-data").textContent);
    const told = section.querySelector(".parallel-told");
    const axes = data.axes.map((_, at) => axis(data.lines.map((line) => line.values[at])));
    const kept = new Map();
    let start = null;

    const place = () => {
      canvas.style.minWidth = `${axes.length * 90}px`;
      const width = canvas.clientWidth, height = canvas.clientHeight;
      const x = (at) => SIDE + (axes.length < 2 ? 0 : at * (width - 2 * SIDE) / (axes.length - 1));
      const y = (part) => height - BOTTOM - part * (height - TOP - BOTTOM);
      return { width, height, x, y };
    };

    const passes = (line) => [...kept].every(([at, [low, high]]) => {
      const value = line.values[at];
      if (value === null) return false;
      const part = axes[at].at(value);
      return low <= part && part <= high;
    });

    const draw = () => {
      const { width, height, x, y } = place();
      const ratio = devicePixelRatio || 1;
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      const chosen = data.lines.filter(passes);
      lines(pen, data.lines, x, y, () => css("--line"), 0.35);
      lines(pen, chosen, x, y, (line) => shade(line), Math.max(0.15, Math.min(0.9, 60 / chosen.length)));
      pen.globalAlpha = 1;
      heads(pen, x, y);
      told.textContent = kept.size ? `${chosen.length} runs: ${chosen.slice(0, 20).map((line) => line.name).join(", ")}${chosen.length > 20 ? " …" : ""}` : "";
      canvas.dataset.drawn = chosen.length;
    };

    const shade = (line) => {
      const value = line.values.at(-1);
      const part = value === null ? 0 : axes.at(-1).at(value);
      return `hsl(${250 - 210 * part} 75% ${matchMedia("(prefers-color-scheme: dark)").matches ? 62 : 42}%)`;
    };

    const lines = (pen, some, x, y, stroke, alpha) => {
      pen.globalAlpha = alpha;
      for (const line of some) {
        pen.strokeStyle = stroke(line);
        pen.beginPath();
        let down = false;
        line.values.forEach((value, at) => {
          if (value === null) { down = false; return; }
          const spot = [x(at), y(axes[at].at(value))];
          if (down) pen.lineTo(...spot); else pen.moveTo(...spot);
          down = true;
        });
        pen.stroke();
      }
    };

    const heads = (pen, x, y) => {
      pen.font = "12px system-ui, sans-serif";
      pen.textAlign = "center";
      axes.forEach((one, at) => {
        pen.strokeStyle = css("--soft");
        pen.fillStyle = css("--front");
        pen.beginPath(); pen.moveTo(x(at), y(0)); pen.lineTo(x(at), y(1)); pen.stroke();
        const name = data.axes[at].replace(/^(params|metrics)\./, "");
        pen.fillText((name.length > 16 ? `…${name.slice(-15)}` : name) + (one.log ? " (log)" : ""), x(at), at % 2 ? 12 : 26);
        pen.fillStyle = css("--soft");
        for (const mark of one.marks) {
          const spot = y(one.at(mark.value));
          pen.fillText(mark.text.slice(0, 14), x(at), spot + (spot > y(0.5) ? 14 : -5));
        }
        const range = kept.get(at);
        if (range) {
          pen.strokeStyle = css("--link");
          pen.strokeRect(x(at) - 6, y(range[1]), 12, Math.max(2, y(range[0]) - y(range[1])));
        }
      });
    };

    const spot = (event) => {
      const { height, x } = place();
      const box = canvas.getBoundingClientRect();
      const at = axes.findIndex((_, number) => Math.abs(x(number) - (event.clientX - box.left)) < NEAR);
      const part = (height - BOTTOM - (event.clientY - box.top)) / (height - TOP - BOTTOM);
      return { at, part };
    };

    canvas.addEventListener("pointerdown", (event) => {
      start = spot(event);
      if (start.at >= 0) canvas.setPointerCapture(event.pointerId); else start = null;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!start) return;
      const { part } = spot(event);
      kept.set(start.at, [Math.min(part, start.part), Math.max(part, start.part)]);
      draw();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (start && Math.abs(spot(event).part - start.part) < 0.01) { kept.delete(start.at); draw(); }
      start = null;
    });
    new ResizeObserver(draw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }

  window.gitexp = { ...window.gitexp, parallel: begin };
  begin(document);
})();

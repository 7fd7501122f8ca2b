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

  // Numbers before words, each kind in its own order.
  function order(one, other) {
    const number = typeof one === "number", before = typeof other === "number";
    if (number !== before) return number ? -1 : 1;
    if (number) return one - other;
    const left = text(one), right = text(other);
    return left < right ? -1 : Number(left > right);
  }

  // Says where on an axis a value lies, from 0 at the foot to 1, and what lies there.
  function axis(values) {
    const there = values.filter((value) => value !== null);
    if (!there.length) return { at: () => 0, of: () => "nothing", marks: [], log: false };
    if (there.every((value) => typeof value === "number")) {
      const low = Math.min(...there), high = Math.max(...there);
      const log = low > 0 && high / low > 1000;
      const put = log ? Math.log10 : (value) => value;
      const span = put(high) - put(low) || 1;
      const of = (part) => { const found = put(low) + part * span; return text(log ? 10 ** found : found); };
      return { at: (value) => (put(value) - put(low)) / span, of, marks: low === high ? ends(low, high).slice(1) : ends(low, high), log };
    }
    // `map` passes the place as well, which would be the number of digits.
    const words = [...new Set(there.sort(order).map((value) => text(value)))];
    const span = Math.max(1, words.length - 1);
    const shown = words.length > 12 ? [words[0], words.at(-1)] : words;
    const of = (part) => words[Math.min(words.length - 1, Math.round(part * span))];
    return { at: (value) => words.indexOf(text(value)) / span, of, marks: shown.map((value) => ({ value, text: value })), log: false };
  }

  function begin(root) {
    for (const canvas of root.querySelectorAll("canvas.parallel")) set(canvas);
  }

  function set(canvas) {
    const section = canvas.closest("main") ?? document;
    const data = JSON.parse(section.querySelector(".parallel-data").textContent);
    const told = section.querySelector(".parallel-told");
    const axes = data.axes.map((_, at) => axis(data.lines.map((line) => line.values[at])));
    const kept = new Map(), sliders = [];
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
      for (const one of sliders) one();
      told.textContent = kept.size ? `${chosen.length} ${chosen.length === 1 ? "run" : "runs"}: ${chosen.slice(0, 20).map((line) => line.name).join(", ")}${chosen.length > 20 ? " …" : ""}` : "";
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

    // The same by the keyboard: from and to on each axis, as sliders.
    const ranges = (place) => {
      for (const [at, name] of data.axes.entries()) {
        const group = document.createElement("fieldset"), legend = document.createElement("legend");
        legend.textContent = name;
        group.append(legend, ...["from", "to"].map((word, end) => slider(at, word, end)));
        place.append(group);
      }
    };

    const slider = (at, word, end) => {
      const label = document.createElement("label"), input = document.createElement("input"), said = document.createElement("output");
      Object.assign(input, { type: "range", min: 0, max: 1, step: 0.02, value: end });
      label.append(`${word} `, input, said);
      input.addEventListener("input", () => {
        const range = [...(kept.get(at) ?? [0, 1])];
        range[end] = Number(input.value);
        range[1 - end] = end ? Math.min(range[0], range[1]) : Math.max(range[0], range[1]);
        if (range[0] <= 0 && range[1] >= 1) kept.delete(at); else kept.set(at, range);
        draw();
      });
      sliders.push(() => {
        const part = (kept.get(at) ?? [0, 1])[end];
        input.value = part;
        said.textContent = axes[at].of(Math.max(0, Math.min(1, part)));
        input.setAttribute("aria-valuetext", said.textContent);
      });
      return label;
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
    const place_of_ranges = section.querySelector("details.ranges");
    if (place_of_ranges) ranges(place_of_ranges);
    new ResizeObserver(draw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }

  window.gitexp = { ...window.gitexp, parallel: begin };
  begin(document);
})();

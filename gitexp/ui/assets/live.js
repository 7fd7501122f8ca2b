"use strict";
// What changes by itself is asked for again, as long as somebody looks.
(() => {
  async function again(place) {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { "X-Part": "1" } });
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place.id);
        if (answer.ok && found) {
          place.replaceChildren(...found.childNodes);
          if (found.dataset.ended) return;
          window.gitexp?.again?.();
          place.dataset.shown = String(Number(place.dataset.shown ?? 0) + 1);
        }
      } catch {
        place.dataset.lost = "1"; // the server has ended; it is asked again, for it may come back
      }
    }
    setTimeout(() => again(place), 1000 * Number(place.dataset.poll));
  }

  for (const place of document.querySelectorAll("[data-poll]")) {
    setTimeout(() => again(place), 1000 * Number(place.dataset.poll));
  }
})();

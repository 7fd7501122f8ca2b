"use strict";
// What changes by itself is asked for again, as long as somebody looks.
(() => {
  // Says whether what is shown may have changed since.
  function tell(place, isLost) {
    const told = place.previousElementSibling;
    told.className = isLost ? "problem" : "";
    const words = isLost ? "This is not up to date: the server does not answer. It is asked again." : "";
    if (told.textContent !== words) told.textContent = words; // else it is read aloud every time
  }

  async function again(place) {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { "X-Part": "1" } });
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place.id);
        tell(place, !answer.ok);
        if (answer.ok && found) {
          place.replaceChildren(...found.childNodes);
          if (found.dataset.ended) return;
          window.gitexp?.again?.();
          place.dataset.shown = String(Number(place.dataset.shown ?? 0) + 1);
        }
      } catch {
        tell(place, true); // the server has ended; it may come back
      }
    }
    setTimeout(() => again(place), 1000 * Number(place.dataset.poll));
  }

  for (const place of document.querySelectorAll("[data-poll]")) {
    const told = document.createElement("p");
    told.setAttribute("role", "status");
    place.before(told);
    setTimeout(() => again(place), 1000 * Number(place.dataset.poll));
  }
})();

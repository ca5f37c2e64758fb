// Counts a revealed value's seconds down and leaves the page when they are over. Without script the page's Refresh
// header does the same.
"use strict";

const counter = document.querySelector(".countdown");
if (counter) {
  const ends = Date.now() + Number(counter.dataset.seconds) * 1000;
  const shown = counter.querySelector("b");
  const close = () => {
    document.getElementById("revealed").textContent = "•••";
    location.replace(counter.dataset.page);
  };
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    shown.textContent = String(Math.max(left, 0));
    if (left <= 0) close();
  };
  counter.hidden = false;
  tick();
  setInterval(tick, 250);
  // A page brought back from the browser's memory shows nothing.
  addEventListener("pageshow", (event) => { if (event.persisted) close(); });
}

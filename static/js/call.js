"use strict";
/* The clock of a call: it counts into minutes and seconds, stops when somebody corrects them, and survives a swap of the form. */
(() => {
  let since = 0;
  let counted = 0;
  const $ = (selector) => document.querySelector(selector);
  const fields = () => ({ minutes: $("[data-call-minutes]"), seconds: $("[data-call-seconds]"), button: $("[data-call-toggle]") });
  const elapsed = () => counted + (since ? Math.floor((Date.now() - since) / 1000) : 0);
  const typed = () => { const { minutes, seconds } = fields(); return 60 * (Number(minutes?.value) || 0) + (Number(seconds?.value) || 0); };
  const show = () => {
    const { minutes, seconds, button } = fields();
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(Boolean(since)));
    button.querySelector("[data-call-word]").textContent = since ? button.dataset.stop : button.dataset.start;
    button.closest("[data-call-clock]").classList.toggle("is-running", Boolean(since));
    if (!since) return;
    const now = elapsed();
    minutes.value = Math.floor(now / 60);
    seconds.value = now % 60;
  };
  const start = () => {
    if (since) return;
    counted = typed();
    since = Date.now();
    show();
  };
  const stop = () => { counted = elapsed(); since = 0; show(); };
  document.addEventListener("click", (event) => {
    const dialled = event.target.closest("[data-call-number]");
    if (dialled) {
      const phone = $("input[name=phone]");
      if (phone) phone.value = dialled.dataset.callNumber;
      start();
    }
    if (event.target.closest("[data-call-toggle]")) (since ? stop : start)();
  });
  document.addEventListener("input", (event) => {
    if (since && event.target.matches("[data-call-minutes], [data-call-seconds]")) { counted = typed(); since = 0; show(); }
  });
  document.addEventListener("submit", (event) => { if (event.target.querySelector?.("[data-call-clock]") && !event.submitter?.name) stop(); });
  document.body.addEventListener("htmx:afterSwap", show);
  setInterval(show, 500);
  show();
})();

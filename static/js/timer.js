"use strict";
/* Measures work on a patient's page, or in a dialog about one: visible, focused and alive. What is certain is told to
   the server; what can't be proved by a key, a click, a touch or a movement within the idle limit is never told. */
(() => {
  const VISIT = "vantrexia-visit";
  const OUTBOX = "vantrexia-time";
  const SLEPT = 5000;
  const read = (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
  const keep = (name, value) => { try { if (value === null) sessionStorage.removeItem(name); else sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* private mode: this page only */ } };
  let page = null;
  let renewed = false;
  let touched = false;
  let stale = null;

  /* What was told and not heard yet. Telling it twice is harmless: the server stores no second twice. */
  const post = (letter) => new URLSearchParams({ ...letter.body, csrfmiddlewaretoken: JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] });
  const drop = (letter) => keep(OUTBOX, (read(OUTBOX) ?? []).filter((one) => one.id !== letter.id));
  let posting = false;
  const flush = async () => {
    if (posting) return;
    posting = true;
    try {
      for (let letter; (letter = read(OUTBOX)?.[0]); ) {
        const answer = await fetch(letter.to, { method: "POST", body: post(letter), keepalive: true, credentials: "same-origin", redirect: "manual", headers: { "X-Vantrexia-Poll": "1" } });
        if (answer.status === 429 || answer.status >= 500) break;
        drop(letter);
        if (answer.status === 409) { keep(VISIT, null); renew(); }
        if (answer.status === 403 && letter.to === page?.to) { page.root.remove(); page = null; } /* the record is closed to this person by now */
      }
    } catch { /* the network is gone: with the next beat */ }
    posting = false;
  };
  const write = (letter) => { keep(OUTBOX, [...(read(OUTBOX) ?? []), letter].slice(-50)); };

  const clock = () => { page.now = Math.round(performance.now() - page.zero); return page.now; };

  const kindOf = (address) => {
    const words = new URL(address, location.href).pathname.split("/").filter(Boolean);
    if (words.length === 2 && words[1] === page.patient) return page.kinds.get("");
    for (const word of words) if (page.kinds.has(word)) return page.kinds.get(word);
    return null;
  };
  const kind = () => {
    const form = document.querySelector("#dialog[open] form:not([method=dialog])");
    return kindOf(form ? form.getAttribute("hx-post") || form.getAttribute("action") || location.href : location.href);
  };
  const present = () => document.visibilityState === "visible" && document.hasFocus();

  const certain = (until) => {
    if (page.began === null || until <= page.began) return;
    if (page.kind) { page.pieces.push([page.began, until, page.kind]); page.counted += until - page.began; }
    page.began = until;
  };
  const enter = (now) => {
    if (page.began !== null || !present()) return;
    if (now - page.last > page.rest) page.earlier = -page.counted;
    page.began = page.last = now;
    page.kind = kind();
  };
  const leave = (now) => { certain(now - page.last > page.idle ? page.last : now); page.began = null; };
  const tell = (ended) => {
    if (!page.pieces.length && !ended) return;
    const visit = page.visit === page.token ? "" : page.visit;
    write({ id: `${page.token.slice(-8)}-${page.told++}`, to: page.to, body: { page: page.token, visit, pieces: JSON.stringify(page.pieces), ended: ended ? "1" : "" } });
    page.pieces = [];
    keep(VISIT, { patient: page.patient, visit: page.visit, counted: page.earlier + page.counted, seen: Date.now() });
  };
  const stop = () => { pause(); page = null; };
  const pause = () => { if (page) awake(); if (!page) return; leave(page.now); tell(false); show(); flush(); };

  const input = () => {
    if (!page || !present()) return;
    const now = awake();
    if (!page) { touched = true; return; }
    if (now - page.last > page.idle && page.began !== null) { certain(page.last); page.began = null; }
    enter(now);
    page.last = now;
  };
  /* Another kind of work from here on: a dialog opened or closed. */
  const change = (now) => {
    const next = kind();
    if (page.began === null || next === page.kind) return;
    certain(now - page.last > page.idle ? page.last : now);
    page.began = page.last = now;
    page.kind = next;
  };
  /* A machine that slept, or a page that was frozen, did not work meanwhile. Some clocks stand still in sleep and some
     are set: in either case the page asks anew what time it is, and counts again when somebody touches it. */
  const awake = () => {
    const before = page.ticked;
    const wall = Date.now();
    const now = clock();
    const slept = (page.began !== null && now - before > SLEPT) || Math.abs(wall - page.wall - (now - before)) > SLEPT;
    page.ticked = now;
    page.wall = wall;
    if (slept) { if (page.began !== null) leave(before); tell(false); flush(); renew(); }
    return now;
  };
  const tick = () => {
    if (!page) return;
    if (!page.root.isConnected) { stop(); return; }
    const now = awake();
    if (!page) return;
    change(now);
    if (page.began !== null && now - page.last >= page.rest) { leave(now); tell(true); page.beat = now; flush(); }
    else if (now - page.beat >= page.every) { page.beat = now; if (page.began !== null) certain(page.last); tell(false); flush(); }
    show();
  };

  const text = (selector, value) => { const element = page.root.querySelector(selector); if (element.textContent !== value) element.textContent = value; };
  const show = () => {
    const words = page.root.dataset;
    const alive = page.began !== null && page.now - page.last <= page.idle;
    const running = alive && page.kind ? page.now - page.began : 0;
    const state = !kind() ? "uncounted" : alive ? "counting" : "paused";
    const seconds = Math.max(0, Math.floor((page.earlier + page.counted + running) / 1000));
    const month = Math.floor((page.total * 1000 + page.counted + running) / 60000);
    const target = [20, 40, 60].find((one) => month < one);
    words.state = state;
    text("[data-timer-state]", words[state]);
    text("[data-timer-visit]", words.visit.replace("{time}", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`));
    text("[data-timer-month]", (target ? words.month.replace("{target}", target) : words.beyond).replace("{minutes}", month));
  };

  const begin = (root) => {
    const { dataset } = root;
    const known = read(VISIT);
    const goesOn = known && known.patient === dataset.patient && Date.now() - known.seen < dataset.rest * 1000;
    page = {
      root, token: dataset.page, visit: goesOn ? known.visit : dataset.page, patient: dataset.patient, to: dataset.track, self: dataset.self,
      total: Number(dataset.total), idle: dataset.idle * 1000, rest: dataset.rest * 1000, every: dataset.beat * 1000,
      kinds: new Map(dataset.kinds.split(" ").map((pair) => pair.split(":"))),
      zero: performance.now(), wall: Date.now(), now: 0, ticked: 0, beat: 0, began: null, last: 0, kind: null,
      pieces: [], told: 0, counted: 0, earlier: goesOn ? known.counted : 0,
    };
    if (!renewed || touched) enter(0);
    renewed = touched = false;
    show();
    flush();
  };
  /* Our clock by the server's, anew. Nobody opened this page: it counts from the next touch on. */
  const renew = () => {
    if (!page?.root.isConnected) return;
    const { root, self } = page;
    page.began = null;
    show();
    page = null;
    stale = root;
    renewed = true;
    fetchAnew(root, self);
  };
  /* A machine wakes before its network does: until there is an answer, it is asked for again. */
  const fetchAnew = (root, self) => {
    if (!root.isConnected) { renewed = false; return; }
    window.htmx.ajax("GET", self, { target: root, swap: "outerHTML", headers: { "X-Vantrexia-Poll": "1" } })?.catch(() => setTimeout(fetchAnew, SLEPT, root, self));
  };

  /* A dialog about a patient where no page of a patient is open, as on the board: its minutes are his. */
  let asked = null;
  const ask = () => {
    const slot = document.querySelector("[data-dialog-timer]");
    if (!slot || slot === asked || document.getElementById("work-timer")) return;
    asked = slot;
    window.htmx.ajax("GET", slot.dataset.dialogTimer, { target: slot, swap: "innerHTML" })?.catch(() => { /* the page says so itself */ });
  };

  document.addEventListener("htmx:afterSettle", () => {
    const root = document.getElementById("timer");
    if (root && root !== stale && page?.root !== root) { if (page) pause(); begin(root); }
    if (page) tick();
    ask();
  });
  document.addEventListener("DOMContentLoaded", ask);
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "input"]) addEventListener(name, input, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") pause(); else input(); });
  addEventListener("focus", input);
  addEventListener("blur", pause);
  addEventListener("pagehide", () => {
    if (page) { leave(clock()); tell(false); }
    for (const letter of read(OUTBOX) ?? []) if (navigator.sendBeacon(letter.to, post(letter))) drop(letter);
  });
  document.querySelector("#dialog")?.addEventListener("close", (event) => { if (page && event.target.contains(page.root)) stop(); else if (page) tick(); });
  setInterval(tick, 1000);
})();

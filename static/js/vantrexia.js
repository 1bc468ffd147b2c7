"use strict";
/* What HTML cannot do: shortcuts, ages that tick, the idle clock, the merge of a polled board. Everything else is the server's. */
(() => {
  const body = document.body;
  const words = body.dataset;
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Appearance: a cookie, so that the server writes it into the page and nothing flashes. */
  const themes = $("[data-themes]");
  if (themes) {
    themes.hidden = false;
    const chosen = () => document.documentElement.dataset.theme || "system";
    const show = () => all("[data-theme-choice]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeChoice === chosen())));
    themes.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
      if (!choice) return;
      if (choice === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = choice;
      document.cookie = `theme=${choice}; path=/; max-age=31536000; samesite=lax`;
      show();
    });
    show();
  }

  /* Ages and clocks tick in the reader's own words. */
  const ageText = (minutes) => {
    if (minutes < 1) return words.ageNow;
    if (minutes < 120) return words.ageMinutes.replace("#", minutes);
    if (minutes < 2880) return words.ageHours.replace("#", Math.floor(minutes / 60));
    const days = Math.floor(minutes / 1440);
    return days === 1 ? words.ageDay : words.ageDays.replace("#", days);
  };
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const tick = (root = document) => {
    const now = Date.now();
    for (const element of all("time[data-age]", root)) {
      const minutes = Math.max(0, Math.floor((now - Date.parse(element.dateTime)) / 60000));
      write(element, ageText(minutes));
      element.classList.toggle("is-old", minutes > 72 * 60);
    }
    for (const element of all("time[data-due]", root)) {
      const left = Math.floor((Date.parse(element.dateTime) - now) / 60000);
      const over = Date.parse(element.dateTime) <= now;
      write(element, (over ? words.dueOver : words.dueLeft).replace("#", ageText(over ? Math.max(0, -left - 1) : Math.max(1, left))));
      element.classList.toggle("is-over", over);
    }
  };
  /* Outside service hours a line says that nobody watches; it comes and goes at the hour, also on an open page. */
  const watched = () => {
    for (const line of all("[data-watch]")) {
      const now = Date.now();
      const over = line.dataset.until && Date.parse(line.dataset.until) <= now;
      line.hidden = !line.dataset.from || Date.parse(line.dataset.from) > now || Boolean(over);
    }
  };
  setInterval(() => { tick(); watched(); }, 15000);
  all("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); });

  if (!("signedIn" in words)) return;

  /* The idle clock is shared by all tabs. A poll is no activity. */
  const limit = { warn: Number(words.idleWarning) * 1000, end: Number(words.idleEnd) * 1000 };
  const KEY = "vantrexia-active";
  let touched = Date.now();
  let told = Date.now();
  let blanked = false;
  const remember = (moment) => { try { localStorage.setItem(KEY, String(moment)); } catch { /* private mode: this tab only */ } };
  const active = () => { let other = 0; try { other = Number(localStorage.getItem(KEY)) || 0; } catch { other = 0; } return Math.max(touched, Math.min(other, Date.now())); };
  const stay = () => { told = Date.now(); fetch(words.stay, { redirect: "manual", cache: "no-store", credentials: "same-origin" }).catch(() => {}); };
  const touch = () => {
    if (blanked) return;
    const now = Date.now();
    if (now - touched > 1000) { touched = now; remember(now); }
    if (now - told > 240000) stay();
  };
  const blank = () => {
    blanked = true;
    const cleared = $("#blank").content.cloneNode(true);
    const token = JSON.parse(body.getAttribute("hx-headers"));
    body.replaceChildren(cleared);
    document.title = "Vantrexia";
    const leave = () => location.replace(words.signIn);
    fetch(words.signOut, { method: "POST", headers: token, redirect: "manual", credentials: "same-origin" }).then(leave, leave);
  };
  const watch = () => {
    if (blanked) return;
    const idle = Date.now() - active();
    const warning = $("#idle");
    if (idle >= limit.end) blank();
    else if (idle >= limit.warn) { if (!warning.open) warning.showModal(); }
    else if (warning.open) warning.close();
  };
  remember(touched);
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(kind, () => { if (!$("#idle")?.open) touch(); }, { passive: true });
  }
  $("[data-stay-button]").addEventListener("click", () => { $("#idle").close(); touched = Date.now(); remember(touched); stay(); });
  setInterval(watch, 5000);
  document.addEventListener("visibilitychange", () => { watch(); tick(); watched(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  /* What went wrong, said where it is seen. */
  const trouble = $("#trouble");
  const say = (text) => { trouble.textContent = text; trouble.hidden = !text; };
  body.addEventListener("htmx:sendError", () => say(trouble.dataset.offline));
  body.addEventListener("htmx:responseError", (event) => say(trouble.dataset[{ 403: "refused", 429: "hurried" }[event.detail.xhr.status] ?? "failed"]));
  body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) say(""); });

  /* Dialogs: a link that targets #dialog opens it; a form in it that succeeds closes it. */
  const dialog = $("#dialog");
  let opener = null;
  const close = () => { if (dialog.open) dialog.close(); };
  dialog.addEventListener("close", () => { dialog.replaceChildren(); if (opener?.isConnected) opener.focus(); });
  body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.target === dialog && !dialog.contains(event.detail.elt)) opener = document.activeElement.closest?.("[data-row]") ?? document.activeElement; });
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog || !dialog.children.length) return;
    if (!dialog.open) dialog.showModal();
    ($("[aria-invalid=true]", dialog) ?? $("input:not([type=hidden]), select, textarea, button", dialog))?.focus();
  });
  body.addEventListener("close-dialog", close);
  /* The form of a dialog that stands on a page of its own: what it would fill is not here, so it posts as pages do. */
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-dialog-form]") && !dialog.contains(event.target)) event.stopPropagation(); }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") && dialog.open && dialog.contains(event.target)) { event.preventDefault(); close(); }
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  /* A row that is swapped keeps the keyboard's place. */
  let kept = null;
  const place = () => {
    const row = document.activeElement?.closest?.("[data-row]");
    return row ? { row: row.id, act: document.activeElement.dataset?.act } : null;
  };
  const regain = (spot) => {
    const row = spot && document.getElementById(spot.row);
    if (row && !row.contains(document.activeElement) && !dialog.open) ((spot.act && $(`[data-act="${spot.act}"]`, row)) || row).focus({ preventScroll: true });
  };
  body.addEventListener("htmx:beforeSwap", () => { kept = place(); });
  body.addEventListener("htmx:afterSettle", (event) => { tick(event.detail.elt.isConnected ? event.detail.elt : document); regain(kept); });

  /* The polled board: rows keep their place; what is new announces itself and waits to be shown. */
  const rowsOf = (root) => all(":scope > [data-row]", root);
  const busy = (row) => dialog.open && opener === row;
  const merge = (text) => {
    const list = $("#cases");
    if (!list) return false;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const incoming = $("#cases", fresh);
    if (!incoming) return false;
    const spot = place();
    const arriving = new Map(rowsOf(incoming).map((row) => [row.id, row]));
    const before = rowsOf(list).map((row) => row.id);
    for (const row of rowsOf(list)) {
      const next = arriving.get(row.id);
      arriving.delete(row.id);
      row.classList.toggle("is-moved", !next);
      $("[data-moved]", row)?.toggleAttribute("hidden", Boolean(next));
      if (!next || busy(row) || next.dataset.version === row.dataset.version) continue;
      const parts = $(".case-parts", row);
      const copy = document.importNode(next, true);
      if (parts?.hasChildNodes()) $(".case-parts", copy)?.replaceWith(parts);
      row.replaceWith(copy);
      window.htmx.process(copy);
      tick(copy);
    }
    for (const id of ["cards", "stamp"]) {
      const next = $(`#${id}`, fresh);
      if (next) document.getElementById(id)?.replaceWith(document.importNode(next, true));
    }
    window.htmx.process(document.getElementById("cards"));
    const news = $("#news");
    /* Who is normal comes, goes and changes place all day: that is no news. */
    const loud = (row) => !row.classList.contains("case--normal");
    const fresher = [...arriving.values()].filter(loud).length;
    const urgent = rowsOf(incoming).filter(loud).map((row) => row.id).filter((id) => before.includes(id));
    const moved = urgent.join() !== before.filter((id) => urgent.includes(id)).join() || rowsOf(list).some((row) => row.classList.contains("is-moved") && loud(row));
    news.hidden = !fresher && !moved;
    const label = fresher ? news.dataset.new.replace("#", fresher) : news.dataset.moved;
    if (!news.hidden) { write($("button", news), label); if (news.dataset.said !== label) { news.dataset.said = label; write($("#live"), label); } }
    regain(spot);
    return true;
  };
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "board-poll" || event.detail.xhr.status !== 200) return;
    event.detail.shouldSwap = false;
    if (!merge(event.detail.xhr.responseText)) location.reload();
  });
  /* No polling behind a hidden tab or a warning. */
  body.addEventListener("htmx:confirm", (event) => {
    if (event.detail.elt?.id === "board-poll" && (document.hidden || blanked)) event.preventDefault();
  });

  /* Shortcuts. */
  const help = $("#help");
  all("[data-help]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => help.showModal()); });
  const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio], [type=submit]), select, textarea, [contenteditable=true]");
  const current = () => document.activeElement?.closest?.("[data-row]");
  const step = (by) => {
    const rows = all("[data-row]");
    if (!rows.length) return;
    const at = rows.indexOf(current());
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const press = (act) => { const row = current(); const target = row && $(`[data-act="${act}"]`, row); if (target) target.click(); };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || blanked || all("dialog[open]").length || typing(event.target)) return;
    const key = event.key;
    if (key === "Enter" && event.target !== current()) return;
    const acts = { j: () => step(1), k: () => step(-1), Enter: () => press("open"), e: () => press("explain"), a: () => press("acknowledge"), s: () => press("snooze"), r: () => press("resolve"), c: () => press("call"), x: () => press("escalate"), v: () => press("review"), h: () => press("hand-over"), n: () => { if (!$("#news")?.hidden) $("#news button")?.click(); }, "/": () => $("[data-search]")?.focus(), "?": () => help.showModal() };
    if (!acts[key]) return;
    event.preventDefault();
    acts[key]();
  });

  /* Filters that apply themselves; without JavaScript the button beside them does it. */
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

  /* A form that leaves the page leaves once, however often it is clicked: two clicks are one note. */
  const leaving = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (leaving.has(form)) { event.preventDefault(); return; }
    leaving.add(form);
    setTimeout(() => leaving.delete(form), 10000);
  });
  tick();
})();

"use strict";
/* Push in this browser: asked for on the page of preferences, kept alive by every tab; and a bell that rests when hidden. */
(() => {
  const body = document.body;
  body.addEventListener("htmx:confirm", (event) => {
    if (event.detail.elt?.matches?.("[data-poll]") && document.hidden) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    const count = document.getElementById("bell-count");
    if (!document.hidden && count) window.htmx?.trigger(count, "refresh");
  });

  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const bell = document.getElementById("bell");
  if (!able || !bell) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const register = async (subscription) => {
    const form = new URLSearchParams({
      endpoint: subscription.endpoint,
      p256dh: text(subscription.getKey("p256dh")),
      auth: text(subscription.getKey("auth")),
      vapid: text(subscription.options.applicationServerKey),
    });
    const token = JSON.parse(body.getAttribute("hx-headers"));
    const answer = await fetch(bell.dataset.add, { method: "POST", body: form, headers: token, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
  };

  /* Once a tab: the browser is still in use, and belongs to whoever is signed in. */
  const KEY = "vantrexia-push";
  const keepAlive = async () => {
    if (Notification.permission !== "granted" || sessionStorage.getItem(KEY)) return;
    const subscription = await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
    if (!subscription) return;
    await register(subscription);
    sessionStorage.setItem(KEY, "told");
  };
  keepAlive().catch(() => {});

  const place = document.getElementById("push");
  if (!place) return;
  const button = place.querySelector("[data-push-on]");
  const trouble = place.querySelector("[data-push-trouble]");
  const say = (words) => { trouble.textContent = words; trouble.hidden = !words; };
  place.querySelector("[data-push-none]").hidden = true;
  button.hidden = false;
  const subscribe = async () => {
    say("");
    if (await Notification.requestPermission() !== "granted") { say(place.dataset.denied); return; }
    const worker = await navigator.serviceWorker.register(place.dataset.worker, { scope: "/" });
    await navigator.serviceWorker.ready;
    const key = bytes(place.dataset.key);
    const held = await worker.pushManager.getSubscription();
    const same = held && text(held.options.applicationServerKey) === place.dataset.key;
    if (held && !same) await held.unsubscribe();
    await register(same ? held : await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    location.reload();
  };
  button.addEventListener("click", () => { subscribe().catch(() => say(place.dataset.failed)); });
})();

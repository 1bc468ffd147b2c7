{% load static %}"use strict";
/* Shows what the server sealed for this browser, and opens what it is about. It keeps nothing and fetches nothing. */
self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch { told = {}; }
  const id = /^[0-9a-f-]{36}$/.test(told.id) ? told.id : "";
  event.waitUntil(self.registration.showNotification(told.title || "Vantrexia", {
    body: told.body || "",
    tag: id || "vantrexia",
    renotify: false,
    requireInteraction: told.action === "open_alert",
    icon: "{% static "icon.svg" %}",
    data: { id },
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { id } = event.notification.data || {};
  event.waitUntil(self.clients.openWindow(id ? `/notifications/${id}/open/` : "/notifications/"));
});

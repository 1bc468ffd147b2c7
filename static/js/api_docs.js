// Swagger's sheet has a dark side, which it shows under this class. A choice in the menu goes before the system's.
"use strict";
const chosen = document.documentElement.dataset.theme;
const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("dark-mode", dark);

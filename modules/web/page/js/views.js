import { byId } from "./dom.js";

/// What of the page is shown, and what it remembers from one visit to the next.

/** Null where there is nothing, or where the browser keeps nothing for this page. */
export function recall(key) {
  try {
    return localStorage.getItem(`streamhost.${key}`);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`streamhost.${key}`, value);
  } catch {
    // then it is asked again next time
  }
}

const names = ["live", "readings", "chat", "wiring", "topology"];

/** Buttons that switch what is shown; the address keeps it (`#wiring`). `onChange(name)`. */
export class Views {
  constructor(onChange) {
    this.onChange = onChange;
    this.buttons = [...document.querySelectorAll(".views button")];
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        history.replaceState(null, "", `#${button.dataset.view}`);
        this.follow();
      });
    }
    addEventListener("hashchange", () => this.follow());
  }

  get shown() {
    return document.body.dataset.view;
  }

  follow() {
    const asked = location.hash.slice(1);
    const name = names.includes(asked) && (asked !== "topology" || !byId("topology-tab").hidden) ? asked : "live";
    document.body.dataset.view = name;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.view === name));
    this.onChange(name);
  }
}

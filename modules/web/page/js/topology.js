import { byId, element, setText } from "./dom.js";

/** The topology's text, what a change would do, and the change itself; for those who have the right `admin`. */
export class Topology {
  #saved = "";

  constructor() {
    this.text = byId("topology-text");
    this.gutter = byId("gutter");
    this.text.addEventListener("input", () => this.#number());
    this.text.addEventListener("scroll", () => { this.gutter.scrollTop = this.text.scrollTop; });
    this.text.addEventListener("keydown", (event) => this.#key(event));
    byId("plan").addEventListener("click", () => this.#send("/api/plan"));
    byId("apply").addEventListener("click", () => this.#send(`/api/reload${byId("save").checked ? "?save=1" : ""}`));
    byId("revert").addEventListener("click", () => this.#load());
    addEventListener("beforeunload", (event) => {
      if (this.text.value !== this.#saved) event.preventDefault();
    });
    this.#load();
  }

  async #load() {
    const answer = await fetch("/api/topology").catch(() => null);
    if (!answer?.ok) return this.#report(false, "The topology could not be read.");
    const { file, text } = await answer.json();
    this.text.value = text;
    this.#saved = text;
    setText(byId("topology-file"), file);
    this.#report(null, "Plan shows what would change; nothing is touched before Apply.");
  }

  async #send(path) {
    const buttons = [byId("plan"), byId("apply")];
    buttons.forEach((button) => { button.disabled = true; });
    this.#report(null, "…");
    const text = this.text.value;
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: text }).catch(() => null);
    buttons.forEach((button) => { button.disabled = false; });
    const said = await answer?.json().catch(() => null);
    if (!said) return this.#report(false, answer ? `The host answered ${answer.status}.` : "The host did not answer.");
    if (said.good && path !== "/api/plan") this.#saved = text;
    this.#report(said.good, said.text);
  }

  /** `good`: null while nothing is decided. Problems are said at their lines. */
  #report(good, text) {
    const problems = good === false ? findProblems(text) : [];
    byId("problems").replaceChildren(...problems.map(({ line, column, what }) => element("li", {},
      element("button", { type: "button", dataset: { line }, onclick: () => this.#goTo(line, column) }, `${line}:${column}  ${what}`))));
    const rest = problems.length ? text.split("\n").filter((line) => !findProblems(line).length).join("\n").trim() : text;
    const report = byId("report-text");
    setText(report, rest);
    report.dataset.good = good ?? "";
    this.#number(new Set(problems.map((each) => each.line)));
  }

  #number(wrong = new Set()) {
    const count = this.text.value.split("\n").length;
    if (!wrong.size && this.gutter.childElementCount === count && !this.gutter.querySelector(".wrong")) return;
    this.gutter.replaceChildren(...Array.from({ length: count }, (_, index) =>
      element("span", { className: wrong.has(index + 1) ? "wrong" : "" }, String(index + 1))));
    this.gutter.scrollTop = this.text.scrollTop;
  }

  #goTo(line, column) {
    const before = this.text.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const end = this.text.value.indexOf("\n", before);
    this.text.focus();
    this.text.setSelectionRange(before + column - 1, end < 0 ? this.text.value.length : end);
    this.text.scrollTop = (line - 6) * 19;
  }

  /** Tab indents; Escape and then Tab leaves the field, as editors in pages have it. */
  #key(event) {
    if (event.key === "Escape") this.leaving = true;
    else if (event.key === "Tab" && !this.leaving && !event.shiftKey) {
      event.preventDefault();
      this.text.setRangeText("  ", this.text.selectionStart, this.text.selectionEnd, "end");
    } else this.leaving = false;
  }
}

/** Lines such as `robot.json:7:30: modules.camera.fps: expected ...`. */
export function findProblems(text) {
  return [...text.matchAll(/^.*?:(\d+):(\d+): (.*)$/gm)].map(([, line, column, what]) => ({ line: Number(line), column: Number(column), what }));
}

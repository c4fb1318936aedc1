"use strict";
// Everything on this page was computed and written beforehand. The script only decides what is
// shown: which notation, which language, which step, and what lights up for what is pointed at.

const facts = JSON.parse(document.getElementById("facts").textContent);
const root = document.documentElement;
const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (name) => document.getElementById(name);
const network = document.querySelector(".network");

const state = {
  notation: facts.notation,
  language: facts.language,
  sample: 1,
  way: false, // whether the error signals from the cost on are written out, too
  step: 0,
  chosen: null, // what was clicked: it stays
  passing: null, // what the pointer or the focus is on: it goes again
};

// Language, notation, theme

function speak(language) {
  state.language = language;
  root.dataset.language = root.lang = language;
  const said = facts.said[language];
  document.title = said.title;
  for (const each of every("[data-speak]")) {
    each.setAttribute("aria-pressed", String(each.dataset.speak === language));
  }
  for (const each of every("[data-named]")) {
    each.setAttribute("aria-label", said[each.dataset.named]);
  }
  for (const each of every("[data-point], [data-goto]")) {
    const point = facts.points[each.dataset.point ?? each.dataset.goto];
    const value = point.value ? `, ${point.value}` : "";
    each.setAttribute("aria-label", point.label[language] + value);
  }
  nameFormulas(said.formula);
  const notations = byId("notation");
  if (notations) {
    notations.title = said.left_out;
    for (const each of notations.options) each.textContent = said[each.value] ?? each.value;
  }
  show();
}

function write(notation) {
  state.notation = notation;
  for (const each of every("[data-notation]")) each.hidden = each.dataset.notation !== notation;
  letter();
  stop();
  show();
}

// Of several samples one is chosen: its values stand in the drawing, in the lines and in the
// derivation.
function take(sample) {
  state.sample = sample;
  for (const [key, value] of Object.entries(facts.values[sample - 1])) {
    const shown = network.querySelector(`[data-part="${CSS.escape(key)}"] .value`);
    shown.textContent = value;
    shown.classList.toggle("long", value.length > 5);
  }
  for (const each of every("article [data-sample]")) each.hidden = !isOfSample(each);
  letter();
  nameFormulas(facts.said[state.language].formula);
  show();
}

function letter() {
  const letters = facts.letters[state.notation]?.[state.sample - 1] ?? {};
  for (const each of every("[data-letters]")) {
    each.textContent = letters[each.dataset.letters] ?? "";
  }
}

const isOfSample = (each) => [undefined, String(state.sample)].includes(each.dataset.sample);
const cost = () => facts.costs[state.notation][state.sample - 1];

// Formulas of one tensor are told apart by their number; those of other languages and of other
// samples do not count.
function nameFormulas(word) {
  for (const article of every("article")) {
    const other = `[data-language]:not([data-language="${state.language}"]), [data-sample][hidden]`;
    const own = every(".formula[data-point]", article).filter((each) => !each.closest(other));
    own.forEach((each, at) => {
      const label = facts.points[each.dataset.point].label[state.language];
      each.setAttribute("aria-label", `${label}, ${word} ${at + 1}`);
    });
  }
  stop();
}

// The formulas that are seen. The derivation is one stop of the keyboard, arrows go on in it.
function formulas() {
  const found = every("article:not([hidden]) .formula[data-point]");
  return found.filter((each) => each.checkVisibility());
}

function stop(chosen) {
  const seen = formulas();
  const one = chosen ?? seen.find((each) => each.tabIndex === 0) ?? seen[0];
  for (const each of seen) each.tabIndex = each === one ? 0 : -1;
}

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function paint(theme) {
  if (theme) root.dataset.theme = theme;
  byId("theme").setAttribute("aria-pressed", String(isDark()));
}

// What is shown

function show() {
  const point = state.passing ?? state.chosen;
  const step = facts.steps[state.step];
  const shown = point === null ? step : facts.points[point];
  light(shown, point);
  if (!network) return;
  reveal(step);
  sheet(shown, point === null ? `step:${step.name}` : point);
  byId("count").textContent = `${state.step} / ${facts.steps.length - 1}`;
  byId("back").disabled = state.step === 0;
  byId("next").disabled = state.step === facts.steps.length - 1;
  for (const each of every("[data-phase]")) {
    if (each.dataset.phase === step.phase) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
  }
}

function light(shown, point) {
  const lit = new Set(shown.lit), read = new Set(shown.read ?? []), own = new Set(shown.own ?? []);
  for (const each of every("[data-part]")) {
    const part = each.dataset.part, is = own.has(part);
    each.classList.toggle("chosen", is);
    each.classList.toggle("lit", !is && lit.has(part));
    each.classList.toggle("read", !is && !lit.has(part) && read.has(part));
    if (each.dataset.point) {
      each.setAttribute("aria-pressed", String(each.dataset.point === state.chosen));
    }
  }
  network?.classList.toggle("lighting", lit.size + read.size + own.size > 0);
  const about = new Set(shown.formulas);
  for (const each of every(".formula[data-of]")) {
    each.classList.toggle("lit", point !== null && about.has(each.dataset.of));
  }
}

// How far the pass has come: values of neurons, then their error signals; of what is lit, all.
function reveal(step) {
  const known = new Set(step.known), told = new Set(step.told);
  const pointing = (state.passing ?? state.chosen) !== null;
  const shown = !pointing && step.name === "after" ? cost().after : cost().before;
  network.querySelector('[data-part="C"] .value').textContent = shown;
  for (const each of every(".unit", network)) {
    const part = each.dataset.part;
    const used = pointing && each.matches(".lit, .chosen, .read");
    const passed = pointing && each.matches(".lit, .chosen");
    each.classList.toggle("known", known.has(part) || used);
    each.classList.toggle("told", told.has(part) || passed);
  }
}

function sheet(shown, name) {
  const language = state.language;
  byId("sheet-title").textContent = shown.label[language];
  const said = name === "step:after" ? cost().said : shown.text;
  byId("sheet-said").textContent = said[language];
  byId("sheet-paths").textContent = shown.paths?.[language] ?? "";
  const own = document.querySelector(`.numbers[data-notation="${state.notation}"]`);
  const near = new Set(shown.near ?? []);
  for (const each of every("[data-goto]", own)) {
    each.parentElement.hidden = !near.has(each.dataset.goto) || !isOfSample(each);
  }
  const lines = every(".line", own);
  const passed = new Set(name.startsWith("step:") || state.way === false ? [] : shown.lit);
  for (const each of lines) {
    const groups = each.dataset.in.split(" ");
    const own = groups.includes(name);
    const way = !own && groups[0].startsWith("step:deltas:") && passed.has(groups[2]);
    each.hidden = !(own || way) || !isOfSample(each);
    each.classList.toggle("way", way);
  }
  own.querySelector(".lines").hidden = lines.every((each) => each.hidden);
  byId("way").hidden = state.chosen === null || !shown.lit?.length || !shown.near?.length;
  byId("find").hidden = state.chosen === null || formula() === undefined;
}

// The first formula of the derivation that is about what is lit.
function formula() {
  return every("article:not([hidden]) .formula.lit")[0];
}

function go(step) {
  state.step = Math.max(0, Math.min(facts.steps.length - 1, step));
  state.chosen = state.passing = null;
  show();
}

function choose(point) {
  state.chosen = state.chosen === point ? null : point;
  state.passing = null;
  show();
}

function pass(point) {
  if (state.passing === point) return;
  state.passing = point;
  show();
}

// Pointing: with the mouse it lights up at once, a click or a tap makes it stay. What stays is not
// disturbed by formulas that the mouse passes while the derivation is read.

const pointOf = (node) => node.closest?.("[data-point]")?.dataset.point ?? null;

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const reading = state.chosen !== null && event.target.closest?.("main");
  pass(reading ? null : pointOf(event.target));
});
root.addEventListener("pointerleave", () => pass(null));
document.addEventListener("focusin", (event) => {
  const focused = event.target;
  const point = focused.matches(":focus-visible") ? pointOf(focused) : null;
  const own = state.chosen === null ? [] : facts.points[state.chosen].formulas;
  pass(own.includes(point) ? null : point);
  if (focused.matches(".network [data-point]")) rove(focused);
  if (focused.matches(".formula[data-point]")) stop(focused);
});
document.addEventListener("focusout", (event) => {
  if (event.relatedTarget === null) pass(null);
});
document.addEventListener("click", (event) => {
  const target = event.target;
  const point = pointOf(target);
  const near = target.closest("[data-goto]");
  if (point !== null) choose(point);
  else if (near) {
    state.chosen = near.dataset.goto;
    state.passing = null;
    show();
    byId("sheet-title").scrollIntoView({ block: "nearest" });
  } else if (target.closest(".network")) choose(state.chosen);
});

// The keyboard: one stop for the whole network, arrows walk about in it; one for the derivation,
// up and down go from formula to formula; elsewhere left and right step.

function rove(focused) {
  for (const each of every("[data-point]", network)) each.tabIndex = each === focused ? 0 : -1;
}

function walk(from, key) {
  const to = facts.points[from.dataset.point].walk[key];
  if (to) network.querySelector(`[data-point="${CSS.escape(to)}"]`)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const focused = document.activeElement;
  const point = pointOf(focused);
  if (event.key === "Escape") {
    state.chosen = state.passing = null;
    show();
  } else if ((event.key === "Enter" || event.key === " ") && point !== null) {
    event.preventDefault();
    choose(point);
  } else if (event.key.startsWith("Arrow")) {
    if (focused.matches(".network [data-point]")) {
      event.preventDefault();
      walk(focused, event.key.slice(5).toLowerCase());
    } else if (focused.matches(".formula") && /Up|Down/.test(event.key)) {
      event.preventDefault();
      const seen = formulas(), by = event.key === "ArrowUp" ? -1 : 1;
      seen[seen.indexOf(focused) + by]?.focus();
    } else if (!focused.matches("select, input") && network) {
      if (event.key === "ArrowRight") go(state.step + 1);
      if (event.key === "ArrowLeft") go(state.step - 1);
    }
  }
});

// The switches

for (const each of every("[data-speak]")) {
  each.addEventListener("click", () => speak(each.dataset.speak));
}
byId("notation")?.addEventListener("change", (event) => write(event.target.value));
byId("sample")?.addEventListener("change", (event) => take(Number(event.target.value)));
byId("theme").addEventListener("click", () => paint(isDark() ? "light" : "dark"));
byId("back")?.addEventListener("click", () => go(state.step - 1));
byId("next")?.addEventListener("click", () => go(state.step + 1));
byId("way")?.addEventListener("click", (event) => {
  state.way = !state.way;
  event.currentTarget.setAttribute("aria-pressed", String(state.way));
  show();
});
byId("find")?.addEventListener("click", () => {
  const first = formula();
  first.scrollIntoView({ block: "center" });
  first.focus({ preventScroll: true });
});
for (const each of every("[data-phase]")) {
  each.addEventListener("click", () => {
    go(facts.steps.findIndex((step) => step.phase === each.dataset.phase));
  });
}

for (const each of every(".switches, .stepper, .sheet")) each.hidden = false;
// A browser that goes back keeps what was chosen.
if (byId("sample")) take(Number(byId("sample").value));
write(byId("notation")?.value ?? state.notation);
speak(state.language);
paint(null);

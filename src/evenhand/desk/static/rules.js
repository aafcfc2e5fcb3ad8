"use strict";
// What is asked of a plan: the controls of it, what they send, and what is said if nothing keeps it all.
const MIDDLE = { max_over_mean: 1.3, least_over_mean: .7, cv: .3, jain: .9, epsilon: .9, gini: .15, hoover: .1, range: .5 };
const BOUNDS = ["least_tasks", "most_tasks", "most_load"];
const ONE_GESTURE = 1500; // milliseconds within which movements of one control are undone in one step
let served = null, pending = {}, gesture = { control: "", at: 0, number: 0 }, curveOf = "";
const copied = (asked) => structuredClone({ rule: asked.rule, bounds: asked.bounds, shares: asked.shares, wishes: asked.wishes, steps: asked.steps });

// Take what the server says is asked: undo or another window may have changed it. The controls follow.
function adopt(asked) {
  served = copied(asked);
  Object.assign(desk, copied(asked));
  const { rule, bounds, shares, wishes } = desk, key = JSON.stringify([rule.measure, bounds, shares, wishes]);
  if (key !== curveOf) { curveOf = key; curve = new Map(); showCurve(); }
  $("undo").disabled = !desk.steps[0]; $("redo").disabled = !desk.steps[1];
  for (const name of BOUNDS) fill(name.replace("_", "-"), desk.bounds[name] ?? "");
  reflectRule("measure", "level", desk.rule, 0);
  desk.shares.forEach((share, place) => {
    $(`share-on-${place}`).checked = share.on;
    $(`share-level-${place}`).disabled = $(`share-measure-${place}`).disabled = !share.on;
    fill(`share-most-${place}`, share.most ?? "");
    reflectRule(`share-measure-${place}`, `share-level-${place}`, share.rule, place + 1);
  });
}
function fill(name, value) { if (document.activeElement !== $(name)) { $(name).value = value; $(name).setAttribute("aria-invalid", false); } }
async function reflectRule(measure, level, rule, k) {
  $(measure).value = rule.measure;
  if (sliderMeasures[k] !== rule.measure) {
    sliderMeasures[k] = rule.measure;
    const told = await ask(k ? `slider?place=${k - 1}` : "slider", {});
    if (!told) return;
    sliders[k] = told.slider;
  }
  $(level).max = sliders[k].length - 1;
  $(level).value = nearest(sliders[k], rule.parameter);
  if (k === 0) showCurve();
}

// Send what a control changed of `desk`, a moment after its last movement.
function move(control, ...parts) {
  const now = performance.now(), again = control === gesture.control && now - gesture.at < ONE_GESTURE;
  gesture = { control, at: now, number: gesture.number + (again ? 0 : 1) };
  asked += 1;
  for (const part of parts) pending[part] = desk[part];
  clearTimeout(timer);
  timer = setTimeout(() => {
    const change = pending;
    pending = {};
    solve({ ...change, gesture: `${WINDOW} ${gesture.number}` });
  }, 15);
}
for (const name of BOUNDS) {
  const field = name.replace("_", "-");
  $(field).addEventListener("change", () => {
    // All of them: one that was refused beside another is asked again once that is mended.
    const values = BOUNDS.map((one) => limitIn(one.replace("_", "-")));
    if (values.includes(undefined)) return;
    BOUNDS.forEach((one, k) => { desk.bounds[one] = values[k]; });
    move(field, "bounds");
  });
}
function measureOptions(select, chosenOne) {
  select.replaceChildren(...measures.map((one) => {
    const option = made("option", one.words, { value: one.name });
    option.selected = one.name === chosenOne;
    return option;
  }));
}
const newRule = (measure, before) => ({ measure, parameter: MIDDLE[measure] ?? before.parameter, p: null });

// A field for each further burden: whether and how it is shared, a limit on it, and its loads.
function buildFurther() {
  $("further").replaceChildren(...desk.further.map((one, place) => {
    const field = made("fieldset", undefined, { class: "burden" });
    const labelled = (text, tag, name, attributes = {}) => {
      const label = made("label", `${text} `), control = made(tag, undefined, { id: `share-${name}-${place}`, ...attributes });
      label.append(control);
      return [label, control];
    };
    const [on, onBox] = labelled("Share it fairly", "input", "on", { type: "checkbox" });
    on.prepend(onBox);
    const [measure, select] = labelled("Measured by", "select", "measure");
    const [level, slide] = labelled("Stricter, to the right", "input", "level", { type: "range", min: 0, step: 1, "aria-describedby": `share-words-${place}` });
    const [most, limit] = labelled("Nobody above", "input", "most", { inputmode: "decimal", size: 6, placeholder: "no limit", autocomplete: "off" });
    measureOptions(select, desk.shares[place].rule.measure);
    field.append(made("legend", one.name), on, measure, level, made("output", "", { id: `share-words-${place}`, for: `share-level-${place}` }), most,
      made("div", undefined, { id: `share-loads-${place}`, role: "table", "aria-label": `${one.name} of each agent` }));
    const changed = (change) => { desk.shares[place] = { ...desk.shares[place], ...change }; move(`share ${place}`, "shares"); };
    onBox.addEventListener("change", () => changed({ on: onBox.checked }));
    select.addEventListener("change", () => changed({ rule: newRule(select.value, desk.shares[place].rule) }));
    slide.addEventListener("input", () => {
      const parameter = sliders[place + 1][slide.value];
      $(`share-words-${place}`).textContent = `${number(parameter, 4)} …`;
      changed({ rule: { ...desk.shares[place].rule, parameter } });
    });
    limit.addEventListener("change", () => {
      const value = limitIn(limit.id);
      if (value !== undefined) changed({ most: value });
    });
    return field;
  }));
}

// What the limits could be: what the shown plan has.
function showBounds() {
  const counts = countsOf(plan), low = Math.min(...counts), high = Math.max(...counts);
  $("bounds-now").textContent = `In the plan below: ${low === high ? "" : `${low} to `}${tasksOf(high)} each, and at most ${load(Math.max(...plan.loads))}.`;
}

// What contradicts what, and the nearest that can be kept, each behind a button; nothing if `answer` is null.
function showClash(answer) {
  $("clash").hidden = !answer;
  if (!answer) return;
  const several = answer.clash && answer.clash.length > 1, wished = desk.wishes.length ? ", with your wishes for single tasks" : "";
  $("clash-title").textContent = !answer.clash ? `No plan found in time that keeps all of this${wished}`
    : several ? `These cannot all be kept${wished}` : `No plan can keep this${wished}`;
  $("clash-rules").replaceChildren(...(answer.clash || []).map((one) => {
    const line = made("li", `${one.words}. `);
    for (const { words, asked: other } of [...one.nearest, { words: null, asked: one.without }]) {
      const button = made("button", words ? `Take instead: ${words}` : `Do without${several ? " it" : ""}`);
      if (!words) button.setAttribute("aria-label", `Do without: ${one.words}`);
      button.addEventListener("click", () => instead(other, answer.asked));
      line.append(button, " ");
    }
    return line;
  }));
  let said = !answer.clash ? "There may be one: the search goes on longer on the command line." : several
    ? "Any one of them can be dropped, or loosened to what its button says, and the others kept." : "";
  if (answer.clash) {
    let checked = false;
    try { checked = refuted(desk, answer); } catch { /* then the search alone says so */ }
    said += checked ? " This browser checked the proof of it." : " The search proved it; this browser did not check that.";
  }
  if (plan && plan.loads) said += " The plan below is the last one that could be made, and does not keep all of this.";
  $("clash-words").textContent = said.trim();
}
// Ask `other` where it differs from what an answer was about, and leave what was asked since then.
function instead(other, before) {
  const differs = (a, b) => JSON.stringify(a) !== JSON.stringify(b);
  if (differs(other.rule, before.rule)) desk.rule = { ...other.rule };
  for (const name of BOUNDS) if (other.bounds[name] !== before.bounds[name]) desk.bounds[name] = other.bounds[name];
  other.shares.forEach((share, place) => { if (differs(share, before.shares[place])) desk.shares[place] = structuredClone(share); });
  $("headline").focus();
  move("instead", "rule", "bounds", "shares");
}
$("clash-undo").addEventListener("click", () => { $("headline").focus(); $("undo").click(); });

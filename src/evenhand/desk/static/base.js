"use strict";
// What all parts of the page use: its state, numbers in words, elements, and requests. Names become text nodes, never markup.
const $ = (name) => document.getElementById(name);
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"];
const MOST_ROWS = 500;
const EVERY = 4;
const LARGEST = 50e6;
const WINDOW = String(Math.random());
// The desk and what is asked of it; how often its tables were replaced; levels of the sliders, for the measures that they are of;
// the plan last found; the plan to compare with; the number of the last movement; the prices of levels.
let desk = null, tablesAre = 0, measures = [], roles = {}, sliders = [], sliderMeasures = [];
let plan = null, kept = null, asked = 0, timer = null, curve = new Map();

const number = (x, digits = 2) => x === null || x === undefined ? "–"
  : x.toLocaleString("en-GB", { maximumFractionDigits: digits }).replaceAll(",", "\u202f").replace("-", "\u2212");
const percent = (x) => x === null || x === undefined ? "–" : number(100 * x, x !== 0 && Math.abs(x) < 1e-4 ? 4 : 2) + "\u202f%";

const unitOf = (which) => desk.burdens ? desk[which] : desk.unit || desk.burden_unit;
const withUnit = (text, unit) => unit && text !== "–" ? `${text}\u202f${unit}` : text;
const money = (x) => withUnit(number(x), unitOf("unit"));
const load = (x) => withUnit(number(x), unitOf("burden_unit"));

function made(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
// Show what went wrong. Words about a file stay until the next file; others until the next answer, which settles them.
let complaint = "", remediesNow = [];
function complain(text, about = "question") {
  complaint = text ? about : "";
  $("error").textContent = text || "";
  $("error").hidden = !text;
  $("excerpt").hidden = true;
}
// The rows around the cell of a file that could not be read, with that cell marked.
function point(near) {
  $("excerpt").hidden = !near;
  if (!near) return;
  $("excerpt-rows").replaceChildren(...near.rows.map((row) => {
    const line = made("tr");
    line.append(made("th", `line ${row.line}`, { scope: "row" }), ...row.cells.map((cell, k) => {
      const wrong = row.line === near.line && (near.column === null || k === near.column);
      const shown = made("td", undefined, wrong ? { class: "wrong" } : {});
      shown.append(wrong ? made("mark", cell || "(empty)") : cell);
      return shown;
    }));
    return line;
  }));
}

// What the server answers; null if that is an error, which is shown, and undefined if a newer question has come.
async function ask(path, body, raw = false, about = "question") {
  const options = { headers: { "x-window": WINDOW }, ...(body === undefined ? {} : { method: "POST", body: raw ? body : JSON.stringify(body) }) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    complain("The desk does not answer. Is “evenhand open” still running in its terminal? Start it again: nothing is lost.");
    return null;
  }
  const data = await response.json();
  if (data.superseded) return undefined;
  remediesNow = data.remedies || [];
  if (data.error) { complain(data.error, about); point(data.excerpt); return null; }
  return data;
}

// An input for a limit: its number, null if it is empty, or undefined and a word on it if it holds something else.
function limitIn(name) {
  const text = $(name).value.trim(), value = text === "" ? null : Number(text.replace(",", "."));
  const wrong = value !== null && !(Number.isFinite(value) && value >= 0) ? "is no number from 0 on; write one such as 7.5, or nothing"
    : /^\d{1,3}[.,]\d{3}$/.test(text) ? "may mean thousands or a part of one; write it without the sign" : "";
  $(name).setAttribute("aria-invalid", Boolean(wrong));
  if (wrong) complain(`“${text}” ${wrong}.`);
  return wrong ? undefined : value;
}
// The slider's position of a level: the nearest.
function nearest(levels, parameter) {
  let best = 0;
  levels.forEach((level, k) => { if (Math.abs(level - parameter) < Math.abs(levels[best] - parameter)) best = k; });
  return best;
}

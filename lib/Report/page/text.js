// Names and numbers as the page writes them.
"use strict";

/** An element with attributes and children; text never becomes markup. */
function element(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
function shape(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag),
              attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {}))
    if (value !== undefined && value !== false)
      node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== ""));
  return node;
}

/** A name that a model's author chose. Characters that would not show, or that
    would turn the text around them, become \xNN or \u{NNNN}. */
function printable(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length <= 2 ? "\\x" + code.padStart(2, "0") : `\\u{${code}}`;
  });
}

/** 1234567 as "1,234,567". */
function exact(number) {
  return number.toLocaleString("en-US");
}

/** 1234567 as "1.2 M"; a line does not end between a number and its unit. */
function rounded(number) {
  const units = ["", "k", "M", "G", "T"];
  let unit = 0;
  for (; number >= 1000 && unit + 1 < units.length; ++unit)
    number /= 1000;
  const digits = number.toFixed(unit === 0 || number >= 100 ? 0 : 1);
  return unit === 0 ? digits : `${digits}\u00a0${units[unit]}`;
}

/** 1234567 as "1.2 MB". */
function roundedBytes(number) {
  return rounded(number) + (number < 1000 ? "\u00a0B" : "B");
}

/** Milliseconds, with as many digits as say something. */
function milliseconds(number) {
  return number.toFixed(number >= 100 ? 0 : number >= 1 ? 1 : 3);
}

function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : noun.endsWith("ch") ? "es" : "s"}`;
}

/** [1, 3, 224, 224] as "1×3×224×224". */
function dimensions(sizes) {
  return sizes.join("×");
}

/** [0, 1, 2, 5] as "0–2, 5". */
function ranges(numbers) {
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last.at(-1) + 1 === number)
      last.push(number);
    else
      runs.push([number]);
  }
  return runs.map((run) => run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(", "))
             .join(", ");
}

/** "conv 3×3" or "dense". */
function layerKind(layer) {
  const weight = layer.weight_shape;
  return weight.length < 4 ? "dense" : "conv " + dimensions(weight.slice(2));
}

/** The width of a layer's result. */
function channelsOf(layer) {
  return layer.result_shape[1] ?? 1;
}

/** The height and width of a layer's result; empty for a dense one. */
function imageOf(layer) {
  return dimensions(layer.result_shape.slice(2));
}

/** The branches of a stage by kind: those of one kind differ in weights only. */
function kindsOf(stage) {
  const kinds = new Map();
  stage.branches.forEach((branch, i) => {
    const first = branch.same_as ?? i;
    if (!kinds.has(first))
      kinds.set(first, {branch, members: []});
    kinds.get(first).members.push(i);
  });
  return [...kinds.values()];
}

/** Notes on the ops of a branch that run elsewhere than the branch. */
function elsewhere(branch) {
  return branch.placement.filter((note) => note.reason !== "");
}

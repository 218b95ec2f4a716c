// The page: what lcp-compile made of a model, out of the JSON object beside this
// script (docs/report.md describes its fields).

/** A table; a column is {head, cell(row), style}, a heading over some of them
    [first, count, text]. */
function table(columns, rows, groups = [], rowStyle = () => undefined) {
  const over = [];
  for (let i = 0; groups.length && i < columns.length; ++i) {
    const group = groups.find(([first]) => first === i);
    over.push(element("th", group ? {class: "group", colspan: group[1]} : {},
                      group ? group[2] : ""));
    i += group ? group[1] - 1 : 0;
  }
  return element("div", {class: "box"}, element("table", {},
      element("thead", {}, over.length ? element("tr", {}, over) : "",
              element("tr", {}, columns.map(({head, style}) =>
                  element("th", {class: style}, head)))),
      element("tbody", {}, rows.map((row) =>
          element("tr", {class: rowStyle(row)}, columns.map(({cell, style}) =>
              element("td", {class: style}, cell(row))))))));
}

function nameColumn(head, cell, style = "name") {
  return {head, cell: (row) => printable(cell(row) ?? ""), style};
}

function countColumn(head, key) {
  return {head, cell: (row) => row[key] === undefined ? "" : exact(row[key])};
}

/** The devices that run branches: all but the last. */
function workersOf(report) {
  return report.devices.slice(0, -1);
}

/** Whether one answer passes the devices in turn. */
function isPipeline(report) {
  return report.steps.some((step) => step.first_device > 0);
}

function formOf(report) {
  const workers = workersOf(report), devices = Math.max(workers.length, 1);
  if (report.split === 1)
    return isPipeline(report)
        ? `A pipeline by layers over ${devices} devices: the original function.`
        : "One device runs all of it.";
  if (devices === report.split)
    return `In ${report.split} branches, for as many devices`;
  return `Split in ${report.split} branches, here for ${plural(devices, "device")}`;
}

function heading(report) {
  const untrained = report.split > 1 && !report.trained_after_split;
  const state = untrained ? ", and not trained after the split: its answers mean nothing yet."
      : report.split > 1 ? ". Its weights belong to this form: trained after the split, or " +
        "the original function."
      : "";
  return [
    element("h1", {}, printable(report.model)),
    element("p", {class: untrained ? "warning" : "soft"}, formOf(report) + state),
  ];
}

function tiles(report) {
  const one = report.one_device, who = one ? ", busiest device" : "";
  const runners = one ? workersOf(report) : report.devices;
  const busiest = (key) => Math.max(...runners.map((device) => device[key]));
  const beside = (key, write) =>
      one ? `all branches on one device: ${write(one[key])}` : "for one inference";
  const tile = (title, figure, note) => element("div", {class: "tile"},
      element("span", {class: "soft"}, title), element("b", {}, figure),
      element("span", {class: "soft"}, note));
  return element("div", {class: "tiles"},
      tile(`Parameters${who}`, rounded(busiest("parameters")), beside("parameters", rounded)),
      tile(`MACs${who}`, rounded(busiest("macs")), beside("macs", rounded)),
      tile(`Memory${who}`, roundedBytes(busiest("memory_bytes")),
           beside("memory_bytes", roundedBytes)),
      one ? tile("Over the network, each device", `${roundedBytes(busiest("bytes_in"))} in`,
                 `${roundedBytes(busiest("bytes_out"))} out, ` +
                 plural(report.round_trips, "round trip")) : "");
}

function timeColumn(head, key) {
  const cell = ({modelled}) =>
      modelled?.[key] === undefined ? "unknown" : milliseconds(modelled[key]);
  return {head, cell};
}

/** Rows of the device table; devices whose figures are all equal share one. */
function deviceRows(report) {
  const rows = new Map();
  workersOf(report).forEach((device, i) => {
    const figures = JSON.stringify({...device, name: ""});
    if (!rows.has(figures))
      rows.set(figures, {...device, members: []});
    rows.get(figures).members.push(i);
  });
  const shared = [...rows.values()].map((row) => ({
    ...row, name: (row.members.length > 1 ? "devices " : "device ") + ranges(row.members),
  }));
  return [...shared, report.devices.at(-1)];
}

function devices(report) {
  const columns = [
    nameColumn("", (row) => row.name),
    nameColumn("target", (row) => row.target),
    nameColumn("device", (row) => row.device),
    countColumn("parameters", "parameters"), countColumn("MACs", "macs"),
    countColumn("memory", "memory_bytes"), countColumn("weights", "weight_bytes"),
    countColumn("code", "code_bytes"), countColumn("arena", "arena_bytes"),
    countColumn("in", "bytes_in"), countColumn("out", "bytes_out"),
    timeColumn("compute", "compute_ms"), timeColumn("link", "link_ms"),
  ];
  const one = report.one_device;
  return [
    element("h2", {}, "Each device, for one inference"),
    table(columns, [...deviceRows(report), ...(one ? [one] : [])],
          [[5, 1, "bytes"], [6, 3, "compiled, bytes"], [9, 2, "network, bytes"],
           [11, 2, "modelled, ms"]],
          (row) => row === one ? "beside" : undefined),
    element("p", {class: "soft"}, "Memory: parameters and activations of the model as it " +
        "came. Modelled, not measured: MACs over what such layers reach of " +
        "the device's peak, or over the peak itself; bytes over its link's bandwidth and a wait " +
        "each way. Unknown: the device's file does not say."),
    modelled(report),
  ];
}

/** Compute of the slowest device, or of all that work in turn, and what passes
    the coordinator's link, beside all on one device. */
function modelled(report) {
  const times = workersOf(report).map((device) => device.modelled?.compute_ms);
  const one = report.one_device, single = one?.modelled?.compute_ms, link = report.network_ms;
  if (single === undefined || link === undefined || times.includes(undefined))
    return "";
  const sources = new Set([...workersOf(report), one].map((device) => device.modelled.efficiency));
  const inTurn = isPipeline(report), device = printable(one.device);
  const compute = inTurn ? times.reduce((sum, time) => sum + time, 0) : Math.max(...times);
  const who = inTurn ? "the devices compute, in turn," : "the slowest device computes";
  return [
    timeBars([["branches, each on its device", compute, link],
              [`all branches on one ${device}`, single, 0]]),
    element("p", {},
        `Modelled: ${who} for ${milliseconds(compute)} ms; ` +
        `links like ${device}'s take ${milliseconds(link)} ms. All branches on one ${device} compute for ` +
        `${milliseconds(single)} ms. `,
        compute + link >= single ? element("b", {}, "One device would be faster.") : "",
        ` Efficiency: ${[...sources].join(", ")}.`),
  ];
}

/** Bars of [label, compute, link], in ms, one below the other. */
function timeBars(rows) {
  const most = Math.max(...rows.map(([, compute, link]) => compute + link));
  const part = (style, time, title) => {
    const node = element("div", {class: `part ${style}`, title});
    node.style.width = most ? `${100 * time / most}%` : "0";
    return node;
  };
  return element("div", {class: "box times"}, rows.map(([label, compute, link]) => [
    element("span", {}, label),
    element("div", {class: "track"},
            part("compute", compute, `compute: ${milliseconds(compute)} ms`),
            part("link", link, `link: ${milliseconds(link)} ms`)),
    element("span", {class: "time"}, `${milliseconds(compute + link)} ms`),
  ]), element("span", {}), element("div", {class: "key"},
      element("span", {class: "compute"}), "compute", element("span", {class: "link"}), "link"));
}

/** [step, kind] of every stage's kinds of branches. */
function allKinds(report) {
  return report.steps.filter((step) => step.branches)
      .flatMap((step) => kindsOf(step).map((kind) => ({step, ...kind})));
}

function elsewhereTable(report) {
  const rows = allKinds(report).flatMap(({step, branch, members}) =>
      elsewhere(branch).map((note) =>
          ({...note, where: `s${step.stage}, branch ${ranges(members)}`})));
  return [
    element("h2", {}, "Ops that run elsewhere"),
    rows.length ? table([nameColumn("branch", (row) => row.where),
                         nameColumn("op", (row) => row.layer, "name wrap"),
                         nameColumn("runs on", (row) => row.target, "name wrap"),
                         nameColumn("why", (row) => row.reason, "name wrap")], rows)
                : element("p", {}, "None: each runs where its branch runs."),
  ];
}

function layers(report) {
  const columns = [
    nameColumn("layer", (row) => row.name, "name wrap"), nameColumn("kind", layerKind),
    {head: "weights", cell: (row) => dimensions(row.weight_shape)},
    {head: "result", cell: (row) => dimensions(row.result_shape)},
    countColumn("parameters", "parameters"), countColumn("MACs", "macs"),
    countColumn("result, bytes", "output_bytes"),
    countColumn("held while it runs, bytes", "activation_bytes"),
    countColumn("sent, bytes", "bytes_out"),
  ];
  return [
    element("h2", {}, "Layers of each branch"),
    allKinds(report).map(({step, branch, members}) => {
      const who = !step.parallel ? "serial"
          : (members.length > 1 ? "branches " : "branch ") + ranges(members);
      return element("details", {},
          element("summary", {}, `Stage s${step.stage}, ${who}, on ${branch.target}: ` +
              plural(branch.layers.length, "layer")),
          table(columns, branch.layers));
    }),
  ];
}

function madeBy(report) {
  const plan = report.plan;
  return [
    element("h2", {}, "Made by"),
    plan ? element("details", {class: "plan"},
        element("summary", {}, "The plan by which it was divided, for lcp-opt --lcp-split=plan=FILE"),
        element("pre", {}, plan.split("\n").map(printable).join("\n"))) : "",
    element("code", {}, `lcp-compile ${printable(report.command_line)}`),
  ];
}

function drawPage(report, page) {
  const picture = new Picture(report);
  document.title = `${printable(report.model)} · LCP`;
  page.replaceChildren(...[
    heading(report), tiles(report), element("h2", {}, "How it runs"), picture.build(),
    element("p", {class: "soft"}, "From top to bottom, one step a row. A bar is a layer, as " +
        "wide as the root of its number of channels; blue lines cross the network."),
    devices(report), elsewhereTable(report), layers(report), madeBy(report),
  ].flat(Infinity).filter((node) => node !== ""));
  picture.place();
  new ResizeObserver(() => picture.place()).observe(picture.rows);
}

drawPage(JSON.parse(document.getElementById("report").textContent),
         document.getElementById("page"));

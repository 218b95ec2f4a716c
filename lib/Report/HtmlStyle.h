//===- HtmlStyle.h - How the HTML page looks --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_REPORT_HTMLSTYLE_H
#define LCP_LIB_REPORT_HTMLSTYLE_H

namespace mlir::lcp::html {

inline constexpr const char *kStyle = R"css(
:root { color-scheme: light dark;
  --page: #f6f7f9; --paper: #ffffff; --ink: #1d2330; --soft: #5d6675;
  --line: #d9dde4; --accent: #2b6cb0; --bar: #bcd7f2; --serial: #7a5ea8;
  --merge: #e7dffa; --net: #2b6cb0; --warn: #a4461d; --warnpaper: #fdf0e6; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14171d; --paper: #1c2129; --ink: #e6e9ef; --soft: #9aa4b4;
  --line: #343b47; --accent: #6fb1f0; --bar: #2a4d73; --serial: #b79ce6;
  --merge: #3a3153; --net: #6fb1f0; --warn: #f0a070; --warnpaper: #35261c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { margin: 0; font-size: 26px; overflow-wrap: anywhere; }
h2 { margin: 34px 0 10px; font-size: 18px; }
p { margin: 6px 0; } .soft { color: var(--soft); }
.warning { background: var(--warnpaper); color: var(--warn);
  border-left: 4px solid var(--warn); padding: 8px 12px; border-radius: 4px; }
.tiles { display: grid; gap: 12px; margin-top: 18px;
  grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); }
.tile, .box { background: var(--paper); border: 1px solid var(--line);
  border-radius: 10px; padding: 12px 16px; }
.tile b { display: block; font-size: 22px; }
.box { overflow-x: auto; } .picture { text-align: center; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th { color: var(--soft); font-weight: 500; text-align: right;
  vertical-align: bottom; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); }
td { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
th.name, td.name { text-align: left; }
td.wrap { white-space: normal; overflow-wrap: anywhere; }
th.group { text-align: center; }
tr:last-child td { border-bottom: 0; }
tr.beside td { border-top: 2px solid var(--line); color: var(--soft); }
details { margin: 8px 0; } summary { cursor: pointer; padding: 4px 0; }
code { display: block; padding: 10px 14px; background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px; font-size: 13px;
  overflow-wrap: anywhere; }
svg { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
svg text { fill: var(--ink); } svg .title, svg .label { font-weight: 600; }
svg .small { fill: var(--soft); font-size: 11px; }
svg .layer { font-size: 11.5px; } svg .warn { fill: var(--warn); }
svg .bytes { fill: var(--net); font-weight: 600; paint-order: stroke;
  stroke: var(--paper); stroke-width: 5px; }
svg .card { fill: var(--paper); stroke: var(--accent); stroke-width: 1.3; }
svg .serial { stroke: var(--serial); } svg .bar { fill: var(--bar); }
svg .fold { stroke: var(--line); stroke-dasharray: 5 4; }
svg .pill { fill: var(--paper); stroke: var(--line); stroke-width: 1.3; }
svg .merge { fill: var(--merge); stroke: var(--serial); }
svg .edge { fill: none; stroke: var(--line); stroke-width: 1.6; }
svg .net { stroke: var(--net); }
)css";

} // namespace mlir::lcp::html

#endif // LCP_LIB_REPORT_HTMLSTYLE_H

// Makes web/static/italia.css: of bootstrap-italia what our templates use, without pictures in the text ("data:", which the
// pages' policy blocks). Run by `make css`, in a folder where npm has put bootstrap-italia and purgecss.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [root] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const { PurgeCSS } = require("purgecss");
const source = require.resolve("bootstrap-italia/dist/css/bootstrap-italia.min.css");

const [purged] = await new PurgeCSS().purge({
  css: [source],
  // besides what stands in the templates, what any form may use: a new page needs no new style sheet
  content: [
    `${root}/web/**/templates/*.html`,
    { raw: "date time number search url tel radio checkbox file fieldset legend select textarea table caption h2 h3 h4 " +
        "dl dt dd ol ul strong em small code pre blockquote hr btn btn-primary btn-outline-primary btn-danger btn-sm", extension: "html" },
  ],
  fontFace: true,
  keyframes: true,
  variables: true,
  // words that stand in templates as tags of other components, and drag their rules along
  blocklist: [/^(it|nav|card|cmp|callout|chip|dropdown|modal|tab|list|accordion|avatar|carousel|toast|form-check|was)-/, /^(rest|meter|bar|bars|columns|top|foot|wide|pages|files|count|help|field|tick|menu|me|sides|number|sign|seconds)$/],
  safelist: { standard: [/^:/], deep: [], greedy: [] },
});
const banner = "/*! bootstrap-italia 2.18.3, the part used here: BSD-3-Clause, see LICENSES.txt. Made by `make css`. */\n";
const css = purged.css
  .replace(/^\uFEFF/, "")
  .replace(/\/\*![\s\S]*?\*\//g, "")
  .replace(/@font-face\{[^}]*\}/g, "")
  .replace(/[\w-]+:[^;{}]*url\((?:"data:[^"]*"|'data:[^']*'|data:[^)]*)\)[^;}]*;?/g, "")
  .replace(/[^{}]+\{\}/g, "");
writeFileSync(`${root}/web/static/italia.css`, banner + css + "\n");
console.log(`italia.css: ${css.length} byte`);

// Builds what the browser and the PDF printer load, into the folder named on the command line:
//   <name>-<hash>.<ext>   style sheets, scripts, pictures and the screen font; the hash lets browsers keep them for a year
//   fonts/                the font's static cuts under plain names, for PDF
//   data/                 the kecamatan and villages of the regency
//   manifest.json         plain name -> hashed name
// Texts are also stored compressed (.br, .gz), so that no request pays for it.
import * as esbuild from "esbuild";
import * as sass from "sass";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// Code of the regency in the ministry's list: Kabupaten Langkat.
const REGENCY = "12.05";
const BROWSERS = ["chrome90", "firefox90", "safari14.1"];

const out = process.argv[2];
const manifest = {};
const module = (path) => join("node_modules", path);

function compress(path, content) {
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

function emit(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const extension = extname(name);
  const hashed = `${basename(name, extension)}-${hash}${extension}`;
  manifest[name] = hashed;
  writeFileSync(join(out, hashed), content);
  if (extension !== ".woff2" && extension !== ".png") compress(join(out, hashed), content);
}

function emitPlain(name, content) {
  writeFileSync(join(out, name), content);
  if (name.endsWith(".json")) compress(join(out, name), content);
}

function rows(file) {
  // None of the names holds a comma or a quote; a file that breaks this stops the build.
  const [head, ...lines] = readFileSync(module(`idn-area-data/data/${file}`), "utf8").trim().split(/\r?\n/);
  const columns = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    if (cells.length !== columns.length) throw new Error(`${file}: ${line}`);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
  });
}

function places() {
  const villages = rows("villages.csv").filter((row) => row.code.startsWith(`${REGENCY}.`));
  const districts = rows("districts.csv").filter((row) => row.regency_code === REGENCY);
  return {
    regency: REGENCY,
    districts: districts.map((district) => ({
      code: district.code,
      name: district.name,
      villages: villages
        .filter((village) => village.district_code === district.code)
        .map((village) => ({ code: village.code, name: village.name })),
    })),
  };
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "fonts"), { recursive: true });
mkdirSync(join(out, "data"), { recursive: true });

emit("source-sans-3.woff2", readFileSync(module("@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2")));
for (const cut of ["400-normal", "400-italic", "700-normal"]) {
  emitPlain(`fonts/source-sans-3-${cut}.woff2`, readFileSync(module(`@fontsource/source-sans-3/files/source-sans-3-latin-${cut}.woff2`)));
}
for (const picture of readdirSync("src/images")) emit(picture, readFileSync(join("src/images", picture)));

for (const sheet of ["site", "office"]) {
  const css = sass.compile(`src/styles/${sheet}.scss`, { style: "compressed", loadPaths: ["node_modules"], quietDeps: true, logger: sass.Logger.silent }).css;
  // Style sheets name pictures and fonts plainly; here they get the hashed name.
  emit(`${sheet}.css`, css.replace(/url\(["']?([\w.-]+\.(?:svg|woff2))["']?\)/g, (_, name) => {
    if (!manifest[name]) throw new Error(`${sheet}.scss asks for ${name}, which does not exist`);
    return `url(${manifest[name]})`;
  }));
}

for (const script of readdirSync("src/scripts").filter((name) => !name.startsWith("_"))) {
  const built = await esbuild.build({ entryPoints: [join("src/scripts", script)], bundle: true, format: "iife", minify: true, target: BROWSERS, write: false, logLevel: "warning" });
  emit(script, built.outputFiles[0].contents);
}
emit("htmx.js", readFileSync(module("htmx.org/dist/htmx.min.js")));

const langkat = places();
emitPlain("data/places.json", JSON.stringify(langkat));
for (const district of langkat.districts) emit(`villages-${district.code}.json`, JSON.stringify(district.villages.map((village) => [village.code, village.name])));

emitPlain("manifest.json", JSON.stringify(manifest));

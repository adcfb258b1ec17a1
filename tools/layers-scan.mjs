// Reads one source file and lists everything in it that names another module or file.

import ts from "typescript";

/**
 * @typedef {object} Reference
 * @property {"import" | "re-export" | "dynamic" | "type" | "require" | "worker" | "url" | "mock"} kind
 * @property {string | undefined} specifier as written; undefined when it is computed and cannot be read here
 * @property {number} line 1-based
 */

const WORKER_CLASSES = new Set(["Worker", "SharedWorker"]);
const MOCK_CALLS = new Set(["mock", "doMock", "unmock", "doUnmock", "importActual", "importMock"]);

/**
 * Parses without type information; a syntax error is the type checker's business, not ours.
 *
 * @param {string} path decides the language by its extension
 * @param {string} text
 */
export function parse(path, text) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
}

/**
 * Lists the references of one file: static and type-only imports, re-exports, `import()` as call and as type,
 * `require`, `import.meta.resolve` and `glob`, workers, `new URL(…, import.meta.url)`, paths joined onto
 * `import.meta.dirname`, Vitest mocks, JSDoc imports of JavaScript files and triple-slash references.
 *
 * @param {ts.SourceFile} file from {@link parse}
 * @returns {Reference[]}
 */
export function findReferences(file) {
  const found = [];
  const add = (node, kind, specifier) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push({ kind, specifier, line });
  };
  for (const { fileName } of file.referencedFiles)
    found.push({ kind: "type", specifier: relativeForm(fileName), line: 1 });
  for (const { fileName } of file.typeReferenceDirectives)
    found.push({ kind: "type", specifier: fileName, line: 1 });

  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.importClause?.isTypeOnly ? "type" : "import", literal(node.moduleSpecifier));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.isTypeOnly ? "type" : "re-export", literal(node.moduleSpecifier));
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, "require", literal(node.moduleReference.expression));
    } else if (ts.isImportTypeNode(node)) {
      add(node, "type", ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined);
    } else if (ts.isJSDocImportTag(node)) {
      add(node, "type", literal(node.moduleSpecifier));
    } else if (
      ts.isModuleDeclaration(node) &&
      ts.isStringLiteral(node.name) &&
      !node.name.text.includes("*")
    ) {
      add(node, "type", node.name.text);
    } else if (ts.isCallExpression(node)) {
      visitCall(node, add);
    } else if (ts.isNewExpression(node)) {
      visitNew(node, add);
    }
    // JSDoc hangs beside the tree and only counts where types are written in it.
    if (ts.isSourceFileJS(file)) for (const doc of ts.getJSDocCommentsAndTags(node)) visitOnce(doc);
    ts.forEachChild(node, visit);
  };
  const seen = new Set();
  const visitOnce = (doc) => {
    if (seen.has(doc)) return;
    seen.add(doc);
    visit(doc);
  };
  visit(file);
  return found;
}

function visitCall(node, add) {
  const { expression, arguments: args } = node;
  const [first] = args;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) {
    add(node, "dynamic", literal(first));
  } else if (isName(expression, "require") || isCallTo(expression, "createRequire")) {
    add(node, "require", literal(first));
  } else if (ts.isPropertyAccessExpression(expression)) {
    const name = expression.name.text;
    const target = expression.expression;
    if (isName(target, "require") && name === "resolve") add(node, "require", literal(first));
    else if (isImportMeta(target) && name === "resolve") add(node, "dynamic", literal(first));
    else if (isImportMeta(target) && name === "glob")
      for (const one of elements(first)) add(node, "dynamic", literal(one));
    else if (isName(target, "vi") && MOCK_CALLS.has(name) && literal(first) !== undefined) {
      add(node, "mock", literal(first));
    }
  }
  if (args.length > 1 && isImportMetaMember(first, "dirname")) {
    const parts = args.slice(1).map(literal);
    const known = parts.indexOf(undefined) === -1 ? parts : parts.slice(0, parts.indexOf(undefined));
    if (known.length > 0) add(node, "url", relativeForm(known.join("/")));
  }
}

function visitNew(node, add) {
  const [first, second] = node.arguments ?? [];
  const name = ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : node.expression.text;
  if (WORKER_CLASSES.has(name) && literal(first) !== undefined) {
    add(node, "worker", relativeForm(literal(first)));
  } else if (name === "URL" && isImportMetaMember(second, "url")) {
    const specifier = literal(first) ?? head(first);
    const inWorker = ts.isNewExpression(node.parent) && WORKER_CLASSES.has(node.parent.expression.text);
    if (specifier !== undefined) add(node, inWorker ? "worker" : "url", relativeForm(specifier));
  }
}

/** The text of a literal without substitutions; undefined when it is computed. */
function literal(node) {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** The folder that a template such as `../vectors/${name}` certainly names; undefined when there is none. */
function head(node) {
  if (node === undefined || !ts.isTemplateExpression(node)) return undefined;
  const slash = node.head.text.lastIndexOf("/");
  return slash === -1 ? undefined : node.head.text.slice(0, slash + 1);
}

/** `new URL("a", …)` and triple slashes mean a file, where an import would mean a package. */
function relativeForm(specifier) {
  return /^(\.|\/|[a-z-]+:)/.test(specifier) ? specifier : `./${specifier}`;
}

function elements(node) {
  return node !== undefined && ts.isArrayLiteralExpression(node) ? node.elements : [node];
}

function isName(node, name) {
  return ts.isIdentifier(node) && node.text === name;
}

function isCallTo(node, name) {
  return ts.isCallExpression(node) && isName(node.expression, name);
}

function isImportMeta(node) {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
}

function isImportMetaMember(node, member) {
  return (
    node !== undefined &&
    ts.isPropertyAccessExpression(node) &&
    isImportMeta(node.expression) &&
    node.name.text === member
  );
}

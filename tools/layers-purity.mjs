// Finds uses of the outside world in the source of a pure package: clocks, chance, timers, I/O, host settings.

import ts from "typescript";

/** Globals a pure file may not touch at all. */
const FORBIDDEN = new Set([
  ...["process", "Buffer", "require", "module", "__dirname", "__filename", "console"],
  ...["performance", "crypto", "fetch", "XMLHttpRequest", "WebSocket", "EventSource", "BroadcastChannel"],
  ...["setTimeout", "setInterval", "setImmediate", "requestAnimationFrame", "Worker", "SharedWorker"],
  ...["globalThis", "global", "window", "self", "document", "navigator", "location"],
  ...["localStorage", "sessionStorage", "indexedDB", "eval", "Function"],
]);

/** Globals with one impure door: only plain member access to anything else is allowed. */
const PARTLY_FORBIDDEN = new Map([
  ["Math", "random"],
  ["Temporal", "Now"],
]);

/** Methods of `Date` that read the host's time zone or locale. */
const HOST_ZONE = new Set([
  ...["getFullYear", "getMonth", "getDate", "getDay", "getHours", "getMinutes", "getTimezoneOffset"],
  ...["setFullYear", "setMonth", "setDate", "setHours", "setMinutes"],
  ...["toLocaleDateString", "toLocaleTimeString", "toDateString", "toTimeString"],
]);

/**
 * Finds impure uses. Names are resolved, so a parameter called `process` is no false alarm and shadowing in
 * one function hides nothing in another.
 *
 * @param {Map<string, string>} files absolute path to text
 * @returns {{ path: string, line: number, message: string }[]}
 */
export function findImpurity(files) {
  const program = ts.createProgram([...files.keys()], OPTIONS, hostOf(files));
  const checker = program.getTypeChecker();
  const found = [];
  for (const path of files.keys()) {
    const file = program.getSourceFile(path);
    const visit = (node) => {
      // Types have no effect at run time; `extends X` is spelt as a type but is an expression.
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
      if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
      const message = complaint(node, checker);
      if (message !== undefined) {
        const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
        found.push({ path, line, message });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

// Nothing is resolved or declared: a name without a declaration in its own file is a global.
const OPTIONS = {
  noLib: true,
  noResolve: true,
  allowJs: true,
  types: [],
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  jsx: ts.JsxEmit.Preserve,
};

function hostOf(files) {
  return {
    getSourceFile: (path, target) => {
      const text = files.get(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
    },
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (path) => files.has(path),
    readFile: (path) => files.get(path),
    writeFile: () => undefined,
  };
}

function complaint(node, checker) {
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
    return "uses `import.meta`";
  if (ts.isPropertyAccessExpression(node) && HOST_ZONE.has(node.name.text)) {
    return `\`${node.name.text}\` reads the host's time zone or locale`;
  }
  if (!ts.isIdentifier(node) || !isReference(node) || !isGlobal(node, checker)) return undefined;
  const name = node.text;
  if (FORBIDDEN.has(name)) return `uses the global \`${name}\``;
  if (PARTLY_FORBIDDEN.has(name)) return memberComplaint(node, PARTLY_FORBIDDEN.get(name));
  if (name === "Date") return dateComplaint(node);
  return undefined;
}

function memberComplaint(node, forbidden) {
  const member = memberOf(node);
  if (member === undefined) return `\`${node.text}\` is passed on whole, so \`${forbidden}\` goes with it`;
  return member === forbidden ? `uses \`${node.text}.${forbidden}\`` : undefined;
}

function dateComplaint(node) {
  const { parent } = node;
  if (ts.isNewExpression(parent) && parent.expression === node) {
    const [first] = parent.arguments ?? [];
    return first === undefined || ts.isSpreadElement(first) ? "`new Date()` without an argument" : undefined;
  }
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword)
    return undefined;
  const member = memberOf(node);
  if (member === "UTC" || member === "parse") return undefined;
  return member === undefined ? "uses `Date` as a value" : `uses \`Date.${member}\``;
}

/** The name in `X.name` or `X["name"]`, when `node` is that X. */
function memberOf(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    return ts.isStringLiteralLike(parent.argumentExpression) ? parent.argumentExpression.text : undefined;
  }
  return undefined;
}

/** False for names that only label something: members, property keys, statement labels. */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent)) return false;
  if (ts.isExportSpecifier(parent)) return parent.parent.parent.moduleSpecifier === undefined;
  return !(
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isJsxAttribute(parent)
  );
}

function isGlobal(node, checker) {
  const { parent } = node;
  let symbol;
  if (ts.isShorthandPropertyAssignment(parent)) symbol = checker.getShorthandAssignmentValueSymbol(parent);
  else if (ts.isExportSpecifier(parent)) symbol = checker.getExportSpecifierLocalTargetSymbol(parent);
  else symbol = checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  // `declare const process: …` names the global, it does not replace it.
  return declarations.every(
    (declaration) => (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient) !== 0,
  );
}

/** Schemas of HTTP operations stand in these files of `wire`; its CBOR messages, which pages do read, stand elsewhere. */
const OPERATIONS = /\/packages\/wire\/src\/http\/[^/]+\.ts$/;
const EMPTY = "\0menshen-no-schemas";

/** Every schema is the same empty one, and so are its parts. */
const NOTHING = `const none = {};
none.properties = new Proxy({}, { get: () => none });
export default new Proxy({}, { get: () => () => none });
`;

/** The part of a Vite plugin that is used. */
interface ResolvePlugin {
  readonly name: string;
  readonly enforce: "pre";
  readonly resolveId: (source: string, importer: string | undefined) => string | undefined;
  readonly load: (id: string) => string | undefined;
}

/**
 * A Vite plugin that leaves the schemas of HTTP operations out of a page's program. A page knows its own server's answers by
 * type; what it sends is checked by the server. On a slow telephone a library of schemas is a second of waiting.
 */
export function withoutSchemas(): ResolvePlugin {
  return {
    name: "menshen-without-schemas",
    enforce: "pre",
    resolveId: (source, importer) =>
      source === "typebox" && importer !== undefined && OPERATIONS.test(importer) ? EMPTY : undefined,
    load: (id) => (id === EMPTY ? NOTHING : undefined),
  };
}

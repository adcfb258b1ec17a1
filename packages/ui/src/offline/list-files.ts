/** The list of a build's files, which the service worker keeps. */
export const FILES_LIST = "files.json";

/** The part of a Vite plugin that is used. */
interface ListPlugin {
  readonly name: string;
  readonly enforce: "post";
  readonly generateBundle: (
    this: { emitFile: (file: { type: "asset"; fileName: string; source: string }) => string },
    options: object,
    bundle: Readonly<Record<string, unknown>>,
  ) => void;
}

/**
 * A Vite plugin that writes {@link FILES_LIST}: every file below `assets/`, those of workers too, as a JSON list. Names
 * carry hashes, so another build is another list.
 */
export function listFiles(): ListPlugin {
  return {
    name: "menshen-list-files",
    enforce: "post",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith("assets/"))
        .sort();
      this.emitFile({ type: "asset", fileName: FILES_LIST, source: JSON.stringify(files) });
    },
  };
}

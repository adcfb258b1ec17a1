/** What of a bundle's files is looked at. */
type BundledFile =
  | { readonly type: "asset"; readonly fileName: string; source: string | Uint8Array }
  | { readonly type: "chunk"; readonly fileName: string; readonly name: string; code: string };

/** The part of a Vite plugin that is used. */
interface StylesPlugin {
  readonly name: string;
  readonly enforce: "post";
  readonly generateBundle: {
    readonly order: "post";
    readonly handler: (options: object, bundle: Record<string, BundledFile>) => void;
  };
}

const STYLESHEET = /\n? *<link rel="stylesheet"[^>]*\bhref="\/[^"]*?(assets\/[^"/]+\.css)"[^>]*>/g;

/**
 * A Vite plugin that writes the styles of the first page into the page itself: the frame is drawn as soon as the page is there,
 * not one journey to the server later. Styles of pages that are fetched when they are opened stay files.
 */
export function inlineStyles(): StylesPlugin {
  return {
    name: "menshen-inline-styles",
    enforce: "post",
    // After Vite wrote into each part what it stands on.
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const program = Object.values(bundle).find((file) => file.type === "chunk" && file.name === "index");
        for (const page of Object.values(bundle)) {
          if (page.type !== "asset" || !page.fileName.endsWith(".html")) continue;
          page.source = String(page.source).replaceAll(STYLESHEET, (_link, fileName: string) => {
            const sheet = bundle[fileName];
            if (sheet?.type !== "asset") throw new Error(`the page names ${fileName}, which the build lacks`);
            // The file stays, since its name tells the service worker of new styles. Parts that are fetched later list it too,
            // and would have it read a second time, after their own.
            for (const part of Object.values(bundle)) {
              if (part.type !== "chunk" || program === undefined) continue;
              part.code = part.code.replaceAll(`"${fileName}"`, `"${program.fileName}"`);
            }
            return `\n    <style>${String(sheet.source).trim()}</style>`;
          });
        }
      },
    },
  };
}

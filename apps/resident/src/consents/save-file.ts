import { isSharedScreen } from "../shared/shared-screen.ts";

/** Saves a text as a file, to be read without this app. On a shared screen a file would stay behind: the page is printed. */
export function saveFile(name: string, text: string): void {
  if (isSharedScreen()) {
    print();
    return;
  }
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

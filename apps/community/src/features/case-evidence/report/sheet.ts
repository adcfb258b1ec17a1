import { readFileSync } from "node:fs";
import PDFDocument from "pdfkit";

const MARGIN = 56;
const FONT = readFileSync(new URL("../../../../fonts/noto-sans-cjk-sc-gb2312.otf", import.meta.url));
const INK = "#1D2129";
const QUIET = "#5A6069";
const LINE = "#C9C5BC";
const VERMILION = "#C8321F";

/** What a character that the font lacks is printed as, so that nobody takes it for nothing. */
const UNKNOWN = "〓";

/** Text upon pages of A4: what reports are made of. */
export class Sheet {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #done: Promise<Buffer>;

  /** @param at time of the document, Unix milliseconds */
  constructor(title: string, at: number) {
    const date = new Date(at);
    this.#pdf = new PDFDocument({
      size: "A4",
      margin: MARGIN,
      bufferPages: true,
      lang: "zh-CN",
      info: { Title: title, Producer: "Menshen", Creator: "Menshen", CreationDate: date, ModDate: date },
    });
    const chunks: Buffer[] = [];
    this.#pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    this.#done = new Promise((resolve, reject) => {
      this.#pdf.on("end", () => resolve(Buffer.concat(chunks)));
      this.#pdf.on("error", reject);
    });
    this.#pdf.registerFont("text", FONT);
    this.#pdf.font("text").fillColor(INK);
  }

  newPage(): void {
    this.#pdf.addPage();
  }

  title(text: string): void {
    this.#pdf.fillColor(VERMILION).fontSize(18).text(printable(text)).moveDown(0.4).fillColor(INK);
  }

  heading(text: string): void {
    if (this.#room() < 90) this.newPage();
    this.#pdf.moveDown(0.6).fontSize(12.5).text(printable(text));
    const y = this.#pdf.y + 2;
    this.#pdf
      .moveTo(MARGIN, y)
      .lineTo(this.#pdf.page.width - MARGIN, y)
      .lineWidth(0.5)
      .stroke(LINE);
    this.#pdf.y = y + 6;
  }

  paragraph(text: string, quiet = false): void {
    this.#pdf
      .fillColor(quiet ? QUIET : INK)
      .fontSize(quiet ? 8.5 : 9.5)
      .text(printable(text), MARGIN, undefined, { lineGap: 2 })
      .moveDown(0.3)
      .fillColor(INK);
  }

  item(text: string): void {
    this.#pdf
      .fontSize(9.5)
      .text(printable(`• ${text}`), MARGIN, undefined, { lineGap: 2, indent: 0 })
      .moveDown(0.2);
  }

  fact(name: string, value: string): void {
    const { width } = this.#pdf.page;
    const top = this.#pdf.y;
    this.#pdf.fontSize(9).fillColor(QUIET).text(printable(name), MARGIN, top, { width: 120 });
    const below = this.#pdf.y;
    this.#pdf.fillColor(INK).text(printable(value), MARGIN + 130, top, { width: width - 2 * MARGIN - 130 });
    this.#pdf.y = Math.max(below, this.#pdf.y) + 3;
    this.#pdf.x = MARGIN;
  }

  /** Columns of these widths, in points. */
  table(widths: readonly number[], head: readonly string[], rows: readonly (readonly string[])[]): void {
    this.#row(widths, head, QUIET);
    for (const row of rows) {
      if (this.#room() < 40) {
        this.newPage();
        this.#row(widths, head, QUIET);
      }
      this.#row(widths, row, INK);
    }
    this.#pdf.moveDown(0.3);
  }

  /** Numbers the pages, with `foot` on each, and answers the file. */
  async end(foot: string): Promise<Uint8Array> {
    const { start, count } = this.#pdf.bufferedPageRange();
    for (let page = start; page < start + count; page += 1) {
      this.#pdf.switchToPage(page);
      // Below the margin, where a text would begin another page.
      this.#pdf.page.margins.bottom = 0;
      const y = this.#pdf.page.height - 36;
      this.#pdf.fontSize(7.5).fillColor(QUIET);
      this.#pdf.text(printable(`${foot}    ${page + 1} / ${count}`), MARGIN, y, { lineBreak: false });
    }
    this.#pdf.end();
    return Uint8Array.from(await this.#done);
  }

  #row(widths: readonly number[], cells: readonly string[], colour: string): void {
    const top = this.#pdf.y;
    let bottom = top;
    let x = MARGIN;
    this.#pdf.fontSize(8.5).fillColor(colour);
    for (const [index, width] of widths.entries()) {
      this.#pdf.text(printable(cells[index] ?? ""), x, top, { width: width - 6 });
      bottom = Math.max(bottom, this.#pdf.y);
      x += width;
    }
    this.#pdf.x = MARGIN;
    this.#pdf.y = bottom + 3;
    this.#pdf.fillColor(INK);
  }

  #room(): number {
    return this.#pdf.page.height - MARGIN - this.#pdf.y;
  }
}

const KNOWN = knownCharacters();

/** GB 2312 by its rows of punctuation and of characters, and Latin letters. */
function knownCharacters(): ReadonlySet<string> {
  const decoder = new TextDecoder("gbk");
  const known = new Set<string>();
  for (let high = 0xa1; high <= 0xf7; high += 1) {
    if (high !== 0xa1 && high !== 0xa3 && high < 0xb0) continue;
    for (let low = 0xa1; low <= 0xfe; low += 1) known.add(decoder.decode(Uint8Array.of(high, low)));
  }
  for (let code = 0x20; code < 0x7f; code += 1) known.add(String.fromCharCode(code));
  for (let code = 0xa1; code < 0x100; code += 1) known.add(String.fromCharCode(code));
  for (const character of "–—‘’“”•…") known.add(character);
  return known;
}

function printable(text: string): string {
  return Array.from(text.replaceAll(/\s+/g, " "), (one) => (KNOWN.has(one) ? one : UNKNOWN)).join("");
}

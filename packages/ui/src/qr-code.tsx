import { useEffect, useState } from "react";

/** Light modules around a code, without which cameras do not find it (ISO/IEC 18004). */
const QUIET_MODULES = 4;

/**
 * A QR code, dark on light whatever the appearance of the page: cameras expect it so. The encoder is loaded when the
 * first code is shown; until then the plate is empty, at its full size.
 *
 * @param props.text drawn at error correction M; `data-code` of the element holds it
 * @param props.label what the code is, for whoever does not see it
 */
export function QrCode(props: { text: string; label: string }) {
  const { text } = props;
  const [drawn, setDrawn] = useState<{ readonly text: string; readonly rows: readonly boolean[][] }>();
  useEffect(() => {
    let isGone = false;
    void import("qr").then(({ encodeQR }) => {
      if (!isGone) setDrawn({ text, rows: encodeQR(text, "raw", { ecc: "medium", border: QUIET_MODULES }) });
    });
    return () => {
      isGone = true;
    };
  }, [text]);
  const size = drawn?.rows.length ?? 1;
  return (
    <div className="ms-qr" role="img" aria-label={props.label} data-code={drawn?.text}>
      {drawn === undefined ? null : (
        <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" aria-hidden="true">
          <path d={pathOf(drawn.rows)} fill="#000000" />
        </svg>
      )}
    </div>
  );
}

/** Runs of dark modules as one path: far fewer nodes than a square each. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = "";
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      let end = x + 1;
      while (row[end]) end += 1;
      path += `M${x} ${y}h${end - x}v1H${x}z`;
      x = end;
    }
  }
  return path;
}

import type { Reading } from "./api.ts";
import { useTexts } from "./texts.ts";

/** Loading, or failed with a way to try again; nothing once it is there. */
export function ReadingState(props: { reading: Reading<unknown> }) {
  const t = useTexts();
  const { value, code, again } = props.reading;
  if (code !== undefined) {
    return (
      <div role="alert" className="plain-notice plain-notice--due">
        <p>{t.failed}</p>
        <p>
          <button type="button" className="plain-link" onClick={again}>
            {t.again}
          </button>
        </p>
      </div>
    );
  }
  return value === undefined ? <p role="status">{t.loading}</p> : null;
}

import { type ReactNode, useState } from "react";
import { useTexts } from "../i18n/texts.ts";

/**
 * A button for what cannot be taken back: the first touch says what will happen, the second does it.
 *
 * @param props.label of the first button; `confirm` of the second, in words of its own
 * @param props.help what is lost, shown between the two
 * @param props.cancel words for staying, unless the usual ones do
 */
export function AskTwice(props: {
  label: string;
  confirm: string;
  onConfirm: () => void;
  help?: ReactNode;
  cancel?: string;
  isBusy?: boolean;
}) {
  const t = useTexts();
  const [asks, setAsks] = useState(false);
  const { label, confirm, onConfirm, help, cancel = t.common.cancel, isBusy = false } = props;
  if (!asks) {
    return (
      <div className="plain-actions">
        <button type="button" className="plain-button" disabled={isBusy} onClick={() => setAsks(true)}>
          {label}
        </button>
      </div>
    );
  }
  return (
    <>
      {help === undefined ? null : <p>{help}</p>}
      <div className="plain-actions">
        <button
          type="button"
          className="plain-button plain-button--main"
          disabled={isBusy}
          onClick={onConfirm}
        >
          {confirm}
        </button>
        <button type="button" className="plain-button" onClick={() => setAsks(false)}>
          {cancel}
        </button>
      </div>
    </>
  );
}

import { useState } from "react";
import { useTexts } from "../i18n/texts.ts";

/** Ways to hand a link on: the telephone's own share sheet where there is one, copying, paper. */
export function ShareBar(props: { link: string; title: string; text: string; onShared?: () => void }) {
  const t = useTexts();
  const [isCopied, setIsCopied] = useState(false);
  const { link: url, title, text, onShared } = props;
  const canShare = typeof navigator.share === "function";

  async function share() {
    try {
      await navigator.share({ url, title, text });
      onShared?.();
    } catch {
      // Whoever closes the share sheet shares nothing.
    }
  }
  async function copy() {
    await navigator.clipboard.writeText(url);
    setIsCopied(true);
    onShared?.();
  }
  return (
    <div className="plain-actions plain-actions--centre plain-no-print">
      {canShare ? (
        <button type="button" className="plain-button plain-button--main" onClick={() => void share()}>
          {t.visits.share}
        </button>
      ) : null}
      <button
        type="button"
        className={canShare ? "plain-button" : "plain-button plain-button--main"}
        onClick={() => void copy()}
      >
        {isCopied ? `✓ ${t.visits.copied}` : t.visits.copy}
      </button>
      <button type="button" className="plain-button" onClick={() => print()}>
        {t.visits.print}
      </button>
      <span role="status" className="ms-visually-hidden">
        {isCopied ? t.visits.copied : ""}
      </span>
    </div>
  );
}

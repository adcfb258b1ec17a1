import { type EventItem, eventEndpoints, REVEAL_REASON_CODES, type RevealReasonCode } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { problemText } from "../../components/problem-text.ts";

/** Whose credential it was: only with a reason, and the look is recorded for that person to see. */
export function Reveal(props: { event: EventItem }) {
  const { t } = useTranslation();
  const selectId = useId();
  const [code, setCode] = useState<RevealReasonCode>();
  const [text, setText] = useState("");
  const reveal = useMutation({
    mutationFn: (chosen: RevealReasonCode) =>
      call(eventEndpoints.reveal, {
        params: { gateId: props.event.gateId, sequence: props.event.sequence },
        body: { reason: text.trim() === "" ? { code: chosen } : { code: chosen, text: text.trim() } },
      }),
  });

  return (
    <section className="reveal">
      <h3>{t("reveal.title")}</h3>
      <p>{t("reveal.help")}</p>
      {reveal.isSuccess ? (
        <p role="status">
          {reveal.data.found
            ? `${reveal.data.personName ?? ""} · ${reveal.data.dwellingNames.join(t("common.comma"))} · ${reveal.data.credentialLabel ?? ""}`
            : t("reveal.notFound")}
        </p>
      ) : (
        <>
          <label htmlFor={selectId}>{t("common.reason")}</label>
          <Select<RevealReasonCode>
            id={selectId}
            value={code ?? null}
            onChange={setCode}
            placeholder={t("reveal.choose")}
            options={REVEAL_REASON_CODES.map((value) => ({ value, label: t(`reveal.reason.${value}`) }))}
          />
          <Input.TextArea
            aria-label={t("reveal.note")}
            placeholder={t("reveal.note")}
            maxLength={500}
            rows={2}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button
            disabled={code === undefined}
            loading={reveal.isPending}
            onClick={() => {
              if (code !== undefined) reveal.mutate(code);
            }}
          >
            {t("reveal.show")}
          </Button>
          {reveal.isError ? <p role="alert">{problemText(t, reveal.error)}</p> : null}
        </>
      )}
    </section>
  );
}

import { type Opening, openingEndpoints } from "@menshen/wire";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { DocumentField } from "./document-field.tsx";
import { FormField } from "./form-field.tsx";

/** A longer seal, by a new document only; closed until somebody needs it. */
export function SealExtension(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const { timeZone } = useSignedIn().community;
  const [isAsked, setIsAsked] = useState(false);
  const [until, setUntil] = useState("");
  const [documentSha256, setDocumentSha256] = useState<string>();
  const extend = useChange(
    (body: { sealUntil: number; documentSha256: string }) =>
      call(openingEndpoints.extendSeal, { params: { id: props.opening.id }, body }),
    { onDone: () => setIsAsked(false) },
  );
  const sealUntil = localDateTimeToEpochMs(until, timeZone);
  if (!isAsked) return <Button onClick={() => setIsAsked(true)}>{t("detail.seal")}</Button>;
  return (
    <form
      className="section intake"
      aria-label={t("detail.seal")}
      onSubmit={(event) => {
        event.preventDefault();
        if (sealUntil !== undefined && documentSha256 !== undefined) {
          extend.mutate({ sealUntil, documentSha256 });
        }
      }}
    >
      <h2>{t("detail.seal")}</h2>
      <FormField label={t("form.sealUntil")} hint={t("detail.sealHelp")} refusals={[]}>
        {(field) => (
          <Input
            {...field}
            type="datetime-local"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
          />
        )}
      </FormField>
      <DocumentField
        label={t("form.scan")}
        hint={t("form.scanHint")}
        sha256={documentSha256}
        refusals={[]}
        onChange={setDocumentSha256}
      />
      <span className="actions">
        <Button
          type="primary"
          htmlType="submit"
          disabled={sealUntil === undefined || documentSha256 === undefined}
          loading={extend.isPending}
        >
          {t("detail.sealSave")}
        </Button>
        <Button onClick={() => setIsAsked(false)}>{shared("common.cancel")}</Button>
      </span>
    </form>
  );
}

import type { OpeningRefusal } from "@menshen/domain";
import { OPENING_DOCUMENT_KINDS, OPENING_DOCUMENT_MAX_BYTES, openingEndpoints } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { FormField } from "./form-field.tsx";

/** A chosen file as the server takes it; refused before anything is sent if it is of another kind or too large. */
async function contentOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  const step = 0x8000;
  for (let start = 0; start < bytes.length; start += step) {
    binary += String.fromCharCode(...bytes.subarray(start, start + step));
  }
  return btoa(binary);
}

/** The scan of a document: handed in as soon as it is chosen, known by its fingerprint from then on. */
export function DocumentField(props: {
  label: string;
  hint: string;
  sha256: string | undefined;
  refusals: readonly OpeningRefusal[];
  onChange: (sha256: string | undefined) => void;
}) {
  const { t } = useTranslation("openings");
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [fault, setFault] = useState<"scanKind" | "scanSize" | "scanFailed">();
  const { onChange, sha256 } = props;
  const handIn = useMutation({
    mutationFn: async (file: File) => {
      const kind = OPENING_DOCUMENT_KINDS.find((known) => known === file.type);
      if (kind === undefined) return setFault("scanKind");
      if (file.size > OPENING_DOCUMENT_MAX_BYTES) return setFault("scanSize");
      const content = await contentOf(file);
      const answer = await call(openingEndpoints.addDocument, { body: { kind, content } });
      setName(file.name);
      onChange(answer.documentSha256);
    },
    onError: () => setFault("scanFailed"),
  });
  const choose = (file: File | undefined) => {
    if (file === undefined) return;
    setFault(undefined);
    onChange(undefined);
    handIn.mutate(file);
  };
  return (
    <FormField label={props.label} hint={props.hint} refusals={props.refusals}>
      {({ id, status, ...aria }) => (
        <div className="document-field">
          <input
            {...aria}
            id={id}
            ref={input}
            type="file"
            className="ms-visually-hidden"
            accept={OPENING_DOCUMENT_KINDS.join(",")}
            onChange={(event) => choose(event.target.files?.[0])}
          />
          <Button
            aria-hidden="true"
            tabIndex={-1}
            danger={status === "error"}
            loading={handIn.isPending}
            onClick={() => input.current?.click()}
          >
            {sha256 === undefined ? t("form.chooseFile") : t("form.replaceFile")}
          </Button>
          <span role="status">
            {handIn.isPending ? t("form.uploading") : null}
            {fault === undefined ? null : <span className="document-field__fault">{t(`form.${fault}`)}</span>}
            {sha256 === undefined || handIn.isPending ? null : (
              <>
                <strong>
                  ✓ {t("form.uploaded")} {name}
                </strong>
                <span className="fingerprint" title={sha256}>
                  {t("form.fingerprint")} {sha256}
                </span>
              </>
            )}
          </span>
        </div>
      )}
    </FormField>
  );
}

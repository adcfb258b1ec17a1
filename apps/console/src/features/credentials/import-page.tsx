import "./texts/index.ts";
import "./cards.css";
import { CARD_LIST_MAX_BYTES, cardListEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useViewKey } from "../../api/view-reason.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { problemText } from "../../components/problem-text.ts";
import type { ListChoices } from "./import-choices.ts";
import { ImportColumns } from "./import-columns.tsx";
import { ImportRows } from "./import-rows.tsx";
import { ImportStart } from "./import-start.tsx";
import { ImportsSoFar } from "./imports-so-far.tsx";
import { KnownCard } from "./known-card.tsx";

interface ChosenFile {
  readonly name: string;
  readonly content: string;
  /** Tells one choice from the next, so that nothing old is shown for it. */
  readonly chosenAt: number;
}

/** Takes over the cards of an old system: choose a file, say what its columns are, look, import. */
export function ImportPage() {
  const { t } = useTranslation("cards");
  const [file, setFile] = useState<ChosenFile>();
  const [isTooLarge, setIsTooLarge] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const choose = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setIsTooLarge(chosen.size > CARD_LIST_MAX_BYTES);
    if (chosen.size > CARD_LIST_MAX_BYTES) return;
    setFile({ name: chosen.name, content: await base64Of(chosen), chosenAt: Date.now() });
  };
  return (
    <>
      <PageHead
        title={t("import.title")}
        lead={t("import.lead")}
        action={<Link to="/credentials">{t("import.back")}</Link>}
      />
      <input
        ref={input}
        type="file"
        className="ms-visually-hidden"
        aria-label={t("import.choose")}
        accept=".csv,.txt,.xlsx"
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <p>
        <Button
          type={file === undefined ? "primary" : "default"}
          aria-hidden="true"
          tabIndex={-1}
          onClick={() => input.current?.click()}
        >
          {t(file === undefined ? "import.choose" : "import.another")}
        </Button>{" "}
        {file?.name}
      </p>
      {isTooLarge ? <p role="alert">{t("import.tooLarge")}</p> : null}
      {file === undefined ? null : (
        <ChosenList key={file.chosenAt} file={file} onDone={() => setFile(undefined)} />
      )}
      <ImportsSoFar />
    </>
  );
}

/** One file: what its columns are, how it writes numbers, what each row would become. */
function ChosenList(props: { file: ChosenFile; onDone: () => void }) {
  const { t } = useTranslation();
  const { file } = props;
  const [choices, setChoices] = useState<ListChoices>({});
  const [show, setShow] = useState<"all" | "odd">("all");
  const [offset, setOffset] = useState(0);
  const preview = useQuery({
    queryKey: [cardListEndpoints.preview.id, file.chosenAt, choices, show, offset, useViewKey()],
    queryFn: ({ signal }) =>
      call(cardListEndpoints.preview, { body: { file: file.content, ...choices, show, offset }, signal }),
    placeholderData: (before) => before,
    retry: false,
  });
  const change = (next: ListChoices) => {
    setOffset(0);
    setChoices(next);
  };
  if (preview.isPending) return <Loading />;
  const isOtherCard =
    preview.error instanceof ApiError &&
    preview.error.problem?.fields?.some(({ path }) => path === "body/known") === true;
  if (preview.isError && !isOtherCard) {
    return preview.error instanceof ApiError && preview.error.code === "invalid-request" ? (
      <p role="alert">{problemText(t, preview.error)}</p>
    ) : (
      <Failed error={preview.error} onRetry={() => void preview.refetch()} />
    );
  }
  if (preview.data === undefined) {
    return <KnownCard choices={choices} preview={undefined} isOtherCard onChange={change} />;
  }
  const list = preview.data;
  return (
    <>
      <ImportColumns preview={list} choices={choices} onChange={change} />
      <KnownCard choices={choices} preview={list} isOtherCard={isOtherCard} onChange={change} />
      <ImportStart
        file={file.content}
        choices={{ ...choices, columns: list.columns }}
        preview={list}
        onStarted={props.onDone}
      />
      <ImportRows
        preview={list}
        show={show}
        offset={offset}
        onShow={(next) => {
          setOffset(0);
          setShow(next);
        }}
        onOffset={setOffset}
      />
    </>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  const step = 0x8000;
  for (let start = 0; start < bytes.length; start += step) {
    binary += String.fromCharCode(...bytes.subarray(start, start + step));
  }
  return btoa(binary);
}

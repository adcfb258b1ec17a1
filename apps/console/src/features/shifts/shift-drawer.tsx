import "./texts/index.ts";
import "./shifts.css";
import {
  type DoorState,
  type HandOverNote,
  type HandOverNoteCreate,
  handOverNoteEndpoints,
  type Shift,
  shiftEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Drawer, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

const NOTE_MAX = 1_000;
/** Others write and settle notes, too. */
const EVERY_MS = 30_000;

/** Who is on duty, and what stands over from earlier shifts. */
export function useCurrentShifts() {
  return useQuery({
    queryKey: [shiftEndpoints.current.id],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => call(shiftEndpoints.current, { signal }),
  });
}

/** Where one shift hands over to the next: begin, read what stands, write, end. */
export function ShiftDrawer(props: { isOpen: boolean; doors: readonly DoorState[]; onClose: () => void }) {
  const { t } = useTranslation("shifts");
  return (
    <Drawer open={props.isOpen} onClose={props.onClose} size={480} title={t("title")} destroyOnHidden>
      <HandOver doors={props.doors} />
    </Drawer>
  );
}

function HandOver(props: { doors: readonly DoorState[] }) {
  const { t } = useTranslation("shifts");
  const current = useCurrentShifts();
  const begin = useChange(() => call(shiftEndpoints.open, {}), { doneText: t("begun") });
  if (current.isPending) return <Loading />;
  if (current.isError) return <Failed error={current.error} onRetry={() => void current.refetch()} />;
  const { notes, others, own } = current.data;
  return (
    <>
      {own === undefined ? (
        <section className="shift">
          <p>{t("notOnDuty")}</p>
          <Button
            type="primary"
            size="large"
            loading={begin.isPending}
            onClick={() => begin.mutate(undefined)}
          >
            {t("begin")}
          </Button>
        </section>
      ) : (
        <section className="shift">
          <p>
            {t("since")} <ExactMoment epochMs={own.openedAt} />
          </p>
          <p className="quiet">
            {t("counts", {
              raised: own.counts.alarmsRaised,
              closed: own.counts.alarmsClosed,
              notes: own.counts.notesWritten,
            })}
          </p>
        </section>
      )}
      <p className="quiet">
        {others.length === 0
          ? t("nobodyElse")
          : `${t("others")}: ${others.map(({ staffName }) => staffName).join(", ")}`}
      </p>
      <h3>{t("standing")}</h3>
      {notes.length === 0 ? <p className="quiet">{t("noNotes")}</p> : null}
      <ul className="plain-list">
        {notes.map((note) => (
          <Note key={note.id} note={note} />
        ))}
      </ul>
      {own === undefined ? null : (
        <>
          <WriteNote doors={props.doors} />
          <EndShift shift={own} />
        </>
      )}
    </>
  );
}

function Note({ note }: { note: HandOverNote }) {
  const { t } = useTranslation("shifts");
  const { t: common } = useTranslation();
  const { notification } = App.useApp();
  const params = { id: note.id };
  const unsettle = useChange(
    (revision: number) => call(handOverNoteEndpoints.unsettle, { params, body: { revision } }),
    { doneText: t("unsettled") },
  );
  const settle = useChange(
    () => call(handOverNoteEndpoints.settle, { params, body: { revision: note.revision } }),
    {
      doneText: t("settled"),
      onDone: (settled) =>
        notification.open({
          key: note.id,
          title: t("settled"),
          duration: 8,
          actions: (
            <Button
              onClick={() => {
                notification.destroy(note.id);
                unsettle.mutate(settled.revision);
              }}
            >
              {common("common.undo")}
            </Button>
          ),
        }),
    },
  );
  return (
    <li>
      <span className="shift__note">
        <span className="quiet">
          {note.staffName} · <RelativeMoment epochMs={note.writtenAt} />
          {note.portalName === undefined ? "" : ` · ${note.portalName}`}
        </span>
        <span className="shift__note-text">{note.text}</span>
      </span>
      <Button
        aria-label={`${t("settle")}: ${note.text.slice(0, 40)}`}
        loading={settle.isPending}
        onClick={() => settle.mutate(undefined)}
      >
        {t("settle")}
      </Button>
    </li>
  );
}

function WriteNote(props: { doors: readonly DoorState[] }) {
  const { t } = useTranslation("shifts");
  const id = useId();
  const [text, setText] = useState("");
  const [portalId, setPortalId] = useState<string>();
  const words = text.trim();
  const write = useChange((body: HandOverNoteCreate) => call(handOverNoteEndpoints.create, { body }), {
    doneText: t("written"),
    onDone: () => {
      setText("");
      setPortalId(undefined);
    },
  });
  return (
    <form
      className="shift__form"
      onSubmit={(event) => {
        event.preventDefault();
        if (words !== "") write.mutate(portalId === undefined ? { text: words } : { text: words, portalId });
      }}
    >
      <label htmlFor={`${id}-text`}>
        <strong>{t("write")}</strong>
      </label>
      <Input.TextArea
        id={`${id}-text`}
        maxLength={NOTE_MAX}
        autoSize={{ minRows: 3, maxRows: 8 }}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span className="quiet">{t("writeHelp")}</span>
      <Select
        aria-label={t("about")}
        placeholder={t("about")}
        allowClear
        value={portalId ?? null}
        onChange={(value: string | null | undefined) => setPortalId(value ?? undefined)}
        options={props.doors.map((door) => ({ value: door.portalId, label: door.name }))}
      />
      <Button htmlType="submit" disabled={words === ""} loading={write.isPending}>
        {t("save")}
      </Button>
    </form>
  );
}

function EndShift({ shift }: { shift: Shift }) {
  const { t } = useTranslation("shifts");
  const [note, setNote] = useState("");
  const words = note.trim();
  const end = useChange(
    () =>
      call(shiftEndpoints.close, {
        params: { id: shift.id },
        body: words === "" ? { revision: shift.revision } : { revision: shift.revision, note: words },
      }),
    { doneText: t("ended") },
  );
  return (
    <form
      className="shift__form"
      onSubmit={(event) => {
        event.preventDefault();
        end.mutate(undefined);
      }}
    >
      <Input.TextArea
        aria-label={t("endNote")}
        placeholder={t("endNote")}
        maxLength={NOTE_MAX}
        autoSize={{ minRows: 2, maxRows: 6 }}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <Button htmlType="submit" loading={end.isPending}>
        {t("end")}
      </Button>
    </form>
  );
}

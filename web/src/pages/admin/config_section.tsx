import { useState } from "react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/admin";
import { Badge } from "../../components/badge";
import { Checkbox, TextField } from "../../components/field";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import style from "./config_section.module.css";

type Setting = components["schemas"]["Setting"];

const kSources: Record<Setting["source"], string> = {
  default: "", file: "from the file", environment: "from the environment", command: "from the command line",
};

const fits = (setting: Setting, words: string) =>
  words.toLowerCase().split(/\s+/).every((word) => `${setting.key} ${setting.meaning}`.toLowerCase().includes(word));

function bySection(settings: Setting[]): [string, Setting[]][] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const name = setting.key.split(".")[0]!;
    sections.set(name, [...(sections.get(name) ?? []), setting]);
  }
  return [...sections];
}

export default function ConfigSection() {
  const [words, setWords] = useState("");
  const [isChangedOnly, setChangedOnly] = useState(false);
  const { data, error, refetch } = $api.useQuery("get", "/api/admin/config");
  if (!data) return error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />;
  const shown =
    data.settings.filter((setting) => fits(setting, words) && (!isChangedOnly || setting.source !== "default"));
  return (
    <div className={style.section}>
      <p className={style.lead}>
        As this process has it. It is set in a file, by the environment or on the command line, and read at the start.
      </p>
      <search className={style.filters}>
        <TextField label="Find a setting" isLabelHidden type="search" placeholder="Find a setting" value={words}
          onChange={(event) => setWords(event.currentTarget.value)} />
        <Checkbox label="Only what was set" checked={isChangedOnly}
          onChange={(event) => setChangedOnly(event.currentTarget.checked)} />
      </search>
      {shown.length === 0 && <p className={style.lead}>No setting is like that.</p>}
      {bySection(shown).map(([name, settings]) => (
        <Section key={name} title={name}>
          <dl className={style.settings}>{settings.map((setting) => <Entry key={setting.key} setting={setting} />)}</dl>
        </Section>
      ))}
    </div>
  );
}

function Entry({ setting }: { setting: Setting }) {
  const { key, value, meaning, source, secret } = setting;
  return (
    <div data-setting={key}>
      <dt>
        <code>{key}</code> {source !== "default" && <Badge look="busy">{kSources[source]}</Badge>}
        {secret && <> <Badge>secret</Badge></>}
      </dt>
      <dd className={style.value}>{value === "" ? <span className={style.lead}>empty</span> : <code>{value}</code>}</dd>
      <dd className={style.lead}>{meaning}
        {source !== "default" && !secret &&
          <> (unless it is set: {setting.default === "" ? "empty" : <code>{setting.default}</code>})</>}</dd>
    </div>
  );
}

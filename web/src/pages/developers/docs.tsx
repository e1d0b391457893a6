import { useState } from "react";
import { Code } from "../../components/code";
import { Section } from "../../components/page";
import { Choice } from "../../components/tabs";
import { firstCall, type Language } from "./first_call";
import style from "./developers_page.module.css";

const kLanguages: readonly { value: Language; label: string }[] = [
  { value: "curl", label: "curl" }, { value: "javascript", label: "JavaScript" }, { value: "python", label: "Python" },
];
const kDescriptions = [
  { file: "hosting", title: "Hosting", about: "Pictures, resumable uploads, albums, search, shares" },
  { file: "enhancement", title: "Enhancement", about: "Enhance pictures by tier, tokens, signing in" },
  { file: "studio", title: "Studio", about: "All operations, batches, credits" },
  { file: "upscale", title: "Upscaling", about: "Upscale by one call, API keys, webhooks" },
  { file: "account", title: "Account", about: "Who you are, your sessions, jobs and use" },
  { file: "admin", title: "Administration", about: "For whoever runs this server" },
];

export function Docs() {
  const [language, setLanguage] = useState<Language>("curl");
  return (
    <>
      <Section title="A first call"
        actions={<Choice label="Language" value={language} choices={kLanguages} onChange={setLanguage} />}>
        <Code label={`A first call in ${language}`} text={firstCall(language, window.location.origin)} />
      </Section>
      <Section title="Reference">
        <ul className={style.links}>
          <li>
            <a href="/api/v1/docs"><strong>Every call, to try here</strong><span>With code in three languages</span></a>
          </li>
        </ul>
      </Section>
      <Section title="Descriptions for programs">
        <p className={style.lead}>OpenAPI 3.1: clients, tests and tools are made from these.</p>
        <ul className={style.links}>
          {kDescriptions.map(({ file, title, about }) => (
            <li key={file}><a href={`/openapi/${file}.json`}><strong>{title}</strong><span>{about}</span></a></li>
          ))}
        </ul>
      </Section>
    </>
  );
}

import { type ReactNode } from "react";
import { Redirect, useLocation } from "wouter";
import { Problem } from "../../api/problem";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { TabLinks } from "../../components/tabs";
import { Docs } from "./docs";
import { Keys } from "./keys";
import { Usage } from "./usage";
import { Webhooks } from "./webhooks";

const kTabs = [
  { href: "/developers/keys", label: "API keys" },
  { href: "/developers/webhooks", label: "Webhooks" },
  { href: "/developers/usage", label: "Usage" },
  { href: "/developers/docs", label: "Docs" },
];
const kSections: Record<string, ReactNode> = {
  keys: <Keys />, webhooks: <Webhooks />, usage: <Usage />, docs: <Docs />,
};

export default function DevelopersPage({ section }: { section: string }) {
  const [location] = useLocation();
  if (location === "/developers") return <Redirect to="/developers/keys" replace />;
  return (
    <Page title="Developers">
      <TabLinks label="Developers" tabs={kTabs} />
      {kSections[section] ?? <ProblemState error={new Problem(404, "There is no such page")} />}
    </Page>
  );
}

import { lazy, type ReactNode, Suspense } from "react";
import { Redirect, useLocation } from "wouter";
import { Problem } from "../../api/problem";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { TabLinks } from "../../components/tabs";
import { useMe } from "../../session/session";

const UsersSection = lazy(() => import("./users_section"));
const UserSection = lazy(() => import("./user_section"));
const QueueSection = lazy(() => import("./queue_section"));
const ModelsSection = lazy(() => import("./models_section"));
const AuditSection = lazy(() => import("./audit_section"));
const StatsSection = lazy(() => import("./stats_section"));
const ConfigSection = lazy(() => import("./config_section"));

const kTabs = [
  { href: "/admin/users", label: "Users" },
  { href: "/admin/queue", label: "Queue" },
  { href: "/admin/models", label: "Models" },
  { href: "/admin/audit", label: "Audit log" },
  { href: "/admin/stats", label: "Statistics" },
  { href: "/admin/config", label: "Configuration" },
];

const kNotAdmin = new Problem(403, "Administration is for whoever runs this server", {
  suggestion: "If that is you, give your account the role there: tintype admin user role EMAIL admin",
});
const kNoSection = new Problem(404, "There is no such page");

const sectionOf = (section: string, item: string | null): ReactNode => {
  if (section === "users") return item ? <UserSection key={item} id={item} /> : <UsersSection />;
  if (section === "queue") return <QueueSection />;
  if (section === "models") return <ModelsSection />;
  if (section === "audit") return <AuditSection />;
  if (section === "stats") return <StatsSection />;
  if (section === "config") return <ConfigSection />;
  return <ProblemState error={kNoSection} />;
};

export default function AdminPage({ section, item }: { section: string; item: string | null }) {
  const me = useMe();
  const [location] = useLocation();
  if (me.role !== "admin") return <Page title="Admin" isTitleHidden><ProblemState error={kNotAdmin} /></Page>;
  if (location === "/admin") return <Redirect to="/admin/users" replace />;
  const tab = kTabs.find(({ href }) => href === `/admin/${section}`);
  return (
    <Page title={tab?.label ?? "Admin"}>
      <TabLinks label="Administration" tabs={kTabs} />
      <Suspense fallback={<Skeleton lines={8} />}>{sectionOf(section, item)}</Suspense>
    </Page>
  );
}

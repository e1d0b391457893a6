import type { ReactNode } from "react";
import style from "./table.module.css";

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
}

interface TableProps<Row> {
  caption: string; // for those who listen
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  empty?: ReactNode;
}

// On a narrow screen each row becomes a card, and each cell says its column's name. The roles are said, as browsers
// forget a table that is not laid out as one.
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (rows.length === 0 && empty) return <p className={style.empty}>{empty}</p>;
  return (
    <table role="table" className={style.table}>
      <caption className="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">{columns.map(({ name, isNumber }) => <th key={name} role="columnheader" scope="col" className={isNumber ? style.number : undefined}>{name}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ name, cell, isNumber }) => (
              <td key={name} role="cell" data-column={name} className={isNumber ? style.number : undefined}>{cell(row)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

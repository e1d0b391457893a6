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

// On a narrow screen each row becomes a card, and each cell says its column's name.
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (rows.length === 0 && empty) return <p className={style.empty}>{empty}</p>;
  return (
    <table className={style.table}>
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>{columns.map(({ name, isNumber }) => <th key={name} scope="col" className={isNumber ? style.number : undefined}>{name}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ name, cell, isNumber }) => (
              <td key={name} data-column={name} className={isNumber ? style.number : undefined}>{cell(row)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

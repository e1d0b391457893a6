import type { ReactNode } from "react";
import style from "./table.module.css";

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  isWhole?: boolean; // a time, a short id: never broken over lines
  isAction?: boolean; // what can be done with the row: its name is for those who listen
}

interface TableProps<Row> {
  caption: string; // for those who listen
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  empty?: ReactNode;
}

const classOf = <Row,>({ isNumber, isWhole, isAction }: Column<Row>) =>
  [isNumber && style.number, isWhole && style.whole, isAction && style.action].filter(Boolean).join(" ") || undefined;

// On a narrow screen each row becomes a card headed by its first cell, and each other cell that holds something says
// its column's name. The roles are said, as browsers forget a table that is not laid out as one.
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (rows.length === 0 && empty) return <p className={style.empty}>{empty}</p>;
  return (
    <table role="table" className={style.table}>
      <caption className="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.name} role="columnheader" scope="col" className={classOf(column)}>
              {column.isAction ? <span className="unseen">{column.name}</span> : column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map((column) => (
              <td key={column.name} role="cell" data-column={column.name} className={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

"use strict";
// Adds to each table a field that filters its rows, and titles that sort them. The page is complete without it.
for (const table of document.querySelectorAll("table.data")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  if (rows.length > 3) {
    const field = document.createElement("input");
    const shown = document.createElement("span");
    field.type = "search";
    field.className = "filter";
    field.placeholder = "filter";
    field.setAttribute("aria-label", "filter the rows of this table");
    shown.className = "shown";
    const texts = rows.map((row) => row.textContent.toLowerCase());
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, at) => {
        row.hidden = !words.every((word) => texts[at].includes(word));
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = words.length ? `${count} of ${rows.length}` : "";
    });
    table.parentNode.before(field, shown);
  }
  [...table.tHead.rows[0].cells].forEach((title, column) => {
    // Not a button element: on paper its words would stand on the first page of a table only.
    const button = document.createElement("span");
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        button.click();
      }
    });
    button.addEventListener("click", () => {
      const down = title.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].firstChild?.textContent ?? "";
      const order = new Intl.Collator("en", {numeric: true});
      const sorted = [...body.rows].sort((left, right) => order.compare(key(left), key(right)));
      body.append(...(down ? sorted.reverse() : sorted));
    });
  });
}

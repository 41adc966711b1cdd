// Opens the browser's own dialog for printing, where the pictures have arrived.
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.onclick = async () => {
    const pictures = [...document.querySelectorAll(".carelens-sheet img")];
    await Promise.allSettled(pictures.map((one) => one.decode()));
    window.print();
  };
}

// Previews a program, which is a file of JavaScript, as an inline program of the Automation API:
//   node preview.js <program> <events>
// in the project's folder. What the engine tells is written to the file <events>.
const fs = require("node:fs");

const { LocalWorkspace } = require("@pulumi/pulumi/automation");

async function main([program, events]) {
    const projectName = /^name: (\S+)$/m.exec(fs.readFileSync("Pulumi.yaml", "utf8"))[1];
    const stack = await LocalWorkspace.createOrSelectStack(
        { projectName, stackName: "alpha", program: require(program) },
        { workDir: process.cwd() },
    );
    const onEvent = (event) => fs.appendFileSync(events, JSON.stringify(event) + "\n");
    await stack.preview({ onEvent });
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});

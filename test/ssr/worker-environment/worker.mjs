// The other side of the environment: a thread in which Vite's module runner runs the app's server code.
import { parentPort, workerData } from 'node:worker_threads'

const { ESModulesEvaluator, ModuleRunner } = await import(workerData.moduleRunner)

const runner = new ModuleRunner(
  {
    transport: {
      connect({ onMessage }) {
        parentPort.on('message', (message) => {
          if (!message.run) onMessage(message)
        })
      },
      send(message) {
        parentPort.postMessage(message)
      },
    },
  },
  new ESModulesEvaluator(),
)

parentPort.on('message', ({ run }) => {
  if (!run) return
  runner.import(run).then(
    () => parentPort.postMessage({ ran: true }),
    (error) => parentPort.postMessage({ ran: false, error }),
  )
})

using HvLab.Harness.Cli;

using var interrupts = new Interrupts(Console.Error);
return await CommandLine.InvokeAsync(args, Session.OfProcess(), interrupts.Token);

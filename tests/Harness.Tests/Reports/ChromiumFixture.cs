using System.Text;
using HvLab.Harness.Lab;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using Command = HvLab.Harness.Drivers.Processes.Command;

namespace HvLab.Harness.Tests.Reports;

/// <summary>Headless Chromium for one test fixture: Debian's own, installed where it is missing; no network.</summary>
internal sealed class ChromiumFixture : IDisposable
{
    private const string Browser = "/usr/bin/chromium", Driver = "/usr/bin/chromedriver";
    private static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(60);

    private readonly string scratch = Directory.CreateTempSubdirectory("hvlab-chromium-").FullName;
    private readonly ChromeDriverService service;

    private ChromiumFixture()
    {
        service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Driver), Path.GetFileName(Driver));
        service.SuppressInitialDiagnosticInformation = true;
        var options = new ChromeOptions { BinaryLocation = Browser };
        options.AddArguments(
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
            $"--user-data-dir={Path.Combine(scratch, "profile")}", "--window-size=1280,1000");
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference(LogType.Performance, LogLevel.All);
        Page = new ChromeDriver(service, options, TimeOut);
        Page.Manage().Timeouts().PageLoad = TimeOut;
        Page.Manage().Timeouts().AsynchronousJavaScript = TimeOut;
        LeaveNewTabPage();
    }

    public ChromeDriver Page { get; }

    public static async Task<ChromiumFixture> StartAsync()
    {
        if (!File.Exists(Browser) || !File.Exists(Driver))
            await InstallAsync();
        return new();
    }

    /// <summary>Writes the page to a file and opens it from there, as a user does. Earlier log entries are forgotten.</summary>
    public void Open(string html)
    {
        Page.Manage().Logs.GetLog(LogType.Browser);
        Page.Manage().Logs.GetLog(LogType.Performance);
        var file = Path.Combine(scratch, "report.html");
        File.WriteAllText(file, html, new UTF8Encoding(false));
        Page.Navigate().GoToUrl(new Uri(file));
    }

    /// <summary>Everything the browser complained about: script errors, policy violations, failed loads.</summary>
    public IReadOnlyList<string> Complaints() => [.. Page.Manage().Logs.GetLog(LogType.Browser).Select(entry => entry.Message)];

    /// <summary>
    /// Addresses that the page asked for, itself included. What chrome:// pages ask for, and the empty "data:," that the driver
    /// begins with, are the browser's.
    /// </summary>
    public IReadOnlyList<string> Requests() =>
    [
        .. Page.Manage().Logs.GetLog(LogType.Performance)
            .Select(entry => System.Text.Json.Nodes.JsonNode.Parse(entry.Message)!["message"]!)
            .Where(message => (string?)message["method"] == "Network.requestWillBeSent")
            .Select(message => (string)message["params"]!["request"]!["url"]!)
            .Where(url => !url.StartsWith("chrome://", StringComparison.Ordinal) && !url.StartsWith("data:,", StringComparison.Ordinal)),
    ];

    /// <summary>Runs script in the page through the debugger, which the page's own policy does not stop.</summary>
    public object? Script(string script, params object[] arguments) => Page.ExecuteScript(script, arguments);

    public long Number(string script) => (long)Script(script)!;

    public void Dispose()
    {
        Page.Quit();
        Page.Dispose();
        service.Dispose();
        Directory.Delete(scratch, recursive: true);
    }

    /// <summary>The browser's own first page loads pictures and complains on its own account, at times of its own: it is closed.</summary>
    private void LeaveNewTabPage()
    {
        var windows = Page.WindowHandles;
        Page.SwitchTo().NewWindow(WindowType.Tab);
        var own = Page.CurrentWindowHandle;
        foreach (var window in windows)
            Page.SwitchTo().Window(window).Close();
        Page.SwitchTo().Window(own);
    }

    private static async Task InstallAsync()
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        string[] sudo = Environment.IsPrivilegedProcess ? [] : ["sudo", "-n"];
        // The lists may be fresh already, or another apt may hold their lock: only the installation has to succeed.
        string[] update = [.. sudo, "apt-get", "update"];
        await Command.RunAsync(update[0], update[1..], bound.Token, environment: environment);
        string[] install = [.. sudo, "apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", "chromium", "chromium-driver"];
        await Command.RequireAsync(LabFault.MissingTool, "The report tests need Debian's chromium and chromium-driver; install them and run the tests again.",
            install[0], install[1..], bound.Token, environment: environment);
    }
}
